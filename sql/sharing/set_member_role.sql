-- Changes the role of a member. outcome: done, missing, not_lead, last_lead.
create or replace function app.set_member_role(
    _user_id bigint, _is_admin boolean, _team_id uuid, _member_id bigint, _role text
)
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
    if _role <> 'lead' and not exists (
        select from app.team_members as m where m.team_id = _team_id and m.role = 'lead' and m.user_id <> _member_id
    ) then
        return 'last_lead';
    end if;
    update app.team_members as m set role = _role where m.team_id = _team_id and m.user_id = _member_id;
    return case when found then 'done' else 'missing' end;
end
$$;
