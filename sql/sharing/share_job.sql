-- Shares a job of one of _tasks, the user's own or, for an administrator, anybody's. outcome: as app.put_share.
create or replace function app.share_job(
    _user_id bigint, _is_admin boolean, _job_id uuid, _tasks text[], _team_id uuid,
    _can_view boolean, _can_download boolean, _expires_at timestamptz
)
returns table (outcome text, share_id uuid)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _owner_id bigint;
begin
    -- In the order in which a session is deleted with its jobs.
    perform from app.recording_sessions as s
    where s.id = (select j.recording_id from app.jobs as j where j.id = _job_id)
    for key share;
    select j.user_id into _owner_id from app.jobs as j
    where j.id = _job_id and j.task = any(_tasks) and (j.user_id = _user_id or (_is_admin and j.user_id is not null))
    for key share;
    return query
    select * from app.put_share(
        _user_id, _is_admin, _owner_id, _job_id, null, _team_id, _can_view, _can_download, _expires_at
    );
end
$$;
