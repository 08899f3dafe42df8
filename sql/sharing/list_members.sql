-- The members of a team, leads first.
create or replace function app.list_members(_team_id uuid)
returns table (user_id bigint, username text, name text, role text, joined_at timestamptz)
language sql
stable
begin atomic
    select m.user_id, u.username, u.name, m.role, m.joined_at
    from app.team_members as m
    join app.users as u on u.id = m.user_id
    where m.team_id = _team_id
    order by m.role, m.joined_at, m.user_id;
end;
