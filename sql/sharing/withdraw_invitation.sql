-- Withdraws an invitation. outcome: done, missing, not_lead.
create or replace function app.withdraw_invitation(
    _user_id bigint, _is_admin boolean, _team_id uuid, _invitation_id uuid
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
    delete from app.team_invitations as i where i.team_id = _team_id and i.invitation_id = _invitation_id;
    return case when found then 'done' else 'missing' end;
end
$$;
