-- The teams that a user belongs to, or is invited to (role NULL), by name; or the one with an id, which an
-- administrator sees in any case. members (leads included), leads: how many there are; NULL before the user has joined.
create or replace function app.list_teams(_user_id bigint, _is_admin boolean, _team_id uuid)
returns table (
    team_id uuid, name text, role text, invited_as text, members bigint, leads bigint, created_at timestamptz
)
language sql
stable
begin atomic
    select
        t.team_id, t.name, own.role, invited.role,
        case when own.role is not null or _is_admin then counted.members end,
        case when own.role is not null or _is_admin then counted.leads end,
        t.created_at
    from app.teams as t
    left join app.team_members as own on own.team_id = t.team_id and own.user_id = _user_id
    left join lateral (
        -- lead comes first.
        select min(i.role) as role from app.team_invitations as i where i.team_id = t.team_id and i.user_id = _user_id
    ) as invited on own.role is null
    cross join lateral (
        select count(*) as members, count(*) filter (where m.role = 'lead') as leads
        from app.team_members as m where m.team_id = t.team_id
    ) as counted
    where t.deleted_at is null
        and (_team_id is null or t.team_id = _team_id)
        and (
            t.team_id in (
                select m.team_id from app.team_members as m where m.user_id = _user_id
                union
                select i.team_id from app.team_invitations as i where i.user_id = _user_id
            )
            or (_is_admin and _team_id is not null)
        )
    order by t.name, t.team_id;
end;
