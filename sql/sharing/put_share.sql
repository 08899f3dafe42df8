-- Shares a job or a session with a team, or changes the share that there is. The caller holds it locked, so that nobody
-- deletes it meanwhile; _owner_id is NULL if there is none. outcome: done, missing (no such job or session), no_team
-- (or not one of the user's), not_lead, expired (the time has passed).
create or replace function app.put_share(
    _user_id bigint, _is_admin boolean, _owner_id bigint, _job_id uuid, _recording_id bigint, _team_id uuid,
    _can_view boolean, _can_download boolean, _expires_at timestamptz
)
returns table (outcome text, share_id uuid)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _role text;
    _old app.shares;
begin
    if _owner_id is null then
        return query select 'missing', null::uuid;
        return;
    end if;
    _role := app.lock_team(_user_id, _is_admin, _team_id);
    if _role is distinct from 'lead' then
        return query select case when _role is null then 'no_team' else 'not_lead' end, null::uuid;
        return;
    elsif _expires_at <= app.now() then
        return query select 'expired', null::uuid;
        return;
    end if;
    select * into _old from app.shares as h
    where h.team_id = _team_id and (h.job_id = _job_id or h.recording_id = _recording_id) and h.ended_at is null;
    if not found then
        insert into app.shares as h (
            team_id, owner_id, job_id, recording_id, shared_by, can_view, can_download, expires_at, created_at
        ) values (
            _team_id, _owner_id, _job_id, _recording_id, _user_id, _can_view, _can_download, _expires_at, app.now()
        ) returning h.share_id into put_share.share_id;
    else
        put_share.share_id := _old.share_id;
        if (_old.can_view, _old.can_download, _old.expires_at)
            is not distinct from (_can_view, _can_download, _expires_at) then
            return query select 'done', put_share.share_id;
            return;
        end if;
        update app.shares as h
        set
            can_view = _can_view, can_download = _can_download, expires_at = _expires_at, shared_by = _user_id
        where h.share_id = _old.share_id;
    end if;
    perform app.note_shares(array_agg(m.user_id), array_agg(put_share.share_id))
    from app.team_members as m where m.team_id = _team_id and m.user_id <> _owner_id
    having count(m.user_id) > 0;
    return query select 'done', put_share.share_id;
end
$$;
