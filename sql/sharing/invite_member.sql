-- Invites a person by user name or e-mail address; inviting again replaces the role. The same happens whether there is
-- such an account or not. outcome: done, missing (no such team for this user), not_lead, full (_most members and
-- invitations).
create or replace function app.invite_member(
    _user_id bigint, _is_admin boolean, _team_id uuid, _invited text, _invited_key text, _role text, _most integer
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
    if not exists (
        select from app.team_invitations as i where i.team_id = _team_id and i.invited_key = _invited_key
    ) and (select count(*) from app.team_members as m where m.team_id = _team_id)
        + (select count(*) from app.team_invitations as i where i.team_id = _team_id) >= _most then
        return 'full';
    end if;
    insert into app.team_invitations as i (team_id, invited, invited_key, user_id, role)
    values (
        _team_id, _invited, _invited_key,
        (select c.id from app.find_credentials(_invited, _invited_key) as c where c.is_active), _role
    )
    on conflict (team_id, invited_key) do update
    set invited = excluded.invited, user_id = excluded.user_id, role = excluded.role, created_at = excluded.created_at;
    return 'done';
end
$$;
