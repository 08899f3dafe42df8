-- Shares a session of the user. outcome: as app.put_share.
create or replace function app.share_session(
    _user_id bigint, _is_admin boolean, _session_id text, _team_id uuid,
    _can_view boolean, _can_download boolean, _expires_at timestamptz
)
returns table (outcome text, share_id uuid)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _owner_id bigint;
    _recording_id bigint;
begin
    select s.user_id, s.id into _owner_id, _recording_id from app.recording_sessions as s
    where s.user_id = _user_id and s.session_id = _session_id and s.deleted_at is null
    for key share;
    return query
    select * from app.put_share(
        _user_id, _is_admin, _owner_id, null, _recording_id, _team_id, _can_view, _can_download, _expires_at
    );
end
$$;
