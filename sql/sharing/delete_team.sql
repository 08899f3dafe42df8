-- Deletes a team: its shares end, and nobody belongs to it any more. outcome: done, missing, not_lead.
create or replace function app.delete_team(_user_id bigint, _is_admin boolean, _team_id uuid)
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
    perform app.end_shares(
        array(select h.share_id from app.shares as h where h.team_id = _team_id and h.ended_at is null)
    );
    delete from app.team_members as m where m.team_id = _team_id;
    delete from app.team_invitations as i where i.team_id = _team_id;
    update app.teams as t set deleted_at = clock_timestamp() where t.team_id = _team_id;
    return 'done';
end
$$;
