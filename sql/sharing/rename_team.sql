-- Renames a team. outcome: done, missing, not_lead.
create or replace function app.rename_team(_user_id bigint, _is_admin boolean, _team_id uuid, _name text)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _own_role text := app.lock_team(_user_id, _is_admin, _team_id);
begin
    if _own_role is distinct from 'lead' then
        return case when _own_role is null then 'missing' else 'not_lead' end;
    end if;
    update app.teams as t set name = _name where t.team_id = _team_id;
    return 'done';
end
$$;
