-- Creates a team with the user as its lead. Returns its id, or NULL if the user has created _most that exist.
create or replace function app.create_team(_user_id bigint, _name text, _most integer)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _id uuid;
begin
    -- One after the other, so that each counts what the others have created.
    perform from app.users as u where u.id = _user_id for no key update;
    insert into app.teams as t (name, created_by)
    select _name, _user_id
    where (select count(*) from app.teams as o where o.created_by = _user_id and o.deleted_at is null) < _most
    returning t.team_id into _id;
    if _id is not null then
        insert into app.team_members (team_id, user_id, role) values (_id, _user_id, 'lead');
    end if;
    return _id;
end
$$;
