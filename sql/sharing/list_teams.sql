-- The teams that a user belongs to, or is invited to (role NULL), by name; or the one with an id, which an
-- administrator sees in any case. leads, members: how many there are, members with leads.
create or replace function app.list_teams(_user_id bigint, _is_admin boolean, _team_id uuid)
returns table (
    team_id uuid, name text, role text, invited_as text, members bigint, leads bigint, created_at timestamptz
)
language sql
stable
begin atomic
    select
        t.team_id, t.name, own.role, invited.role,
        (select count(*) from app.team_members as m where m.team_id = t.team_id),
        (select count(*) from app.team_members as m where m.team_id = t.team_id and m.role = 'lead'),
        t.created_at
    from app.teams as t
    left join app.team_members as own on own.team_id = t.team_id and own.user_id = _user_id
    left join lateral (
        -- lead comes first.
        select min(i.role) as role from app.team_invitations as i where i.team_id = t.team_id and i.user_id = _user_id
    ) as invited on own.role is null
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
