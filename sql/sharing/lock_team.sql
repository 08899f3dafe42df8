-- Locks a team, and returns the role of a user in it, lead or member; an administrator is a lead of every team. NULL:
-- there is no such team, or the user does not belong to it.
create or replace function app.lock_team(_user_id bigint, _is_admin boolean, _team_id uuid)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform from app.teams as t where t.team_id = _team_id and t.deleted_at is null for update;
    if not found then
        return null;
    elsif _is_admin then
        return 'lead';
    end if;
    return (select m.role from app.team_members as m where m.team_id = _team_id and m.user_id = _user_id);
end
$$;
