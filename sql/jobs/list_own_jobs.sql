-- A user's jobs, newest first, after the place of a job, by time and id (keyset), whether that one is still there or
-- not; of some tasks, in one state, about one session (by the client's id), if these are given.
create or replace function app.list_own_jobs(
    _user_id bigint, _tasks text[], _status text, _session_id text,
    _before_at timestamptz, _before_id uuid, _limit integer
)
returns setof app.jobs
language sql
stable
begin atomic
    select j.*
    from app.jobs as j
    where j.user_id = _user_id
        and (_tasks is null or j.task = any(_tasks))
        and (_status is null or j.status = _status)
        and (_session_id is null or j.session_id = _session_id)
        and (_before_at is null or (j.created_at, j.id) < (_before_at, _before_id))
    order by j.created_at desc, j.id desc
    limit _limit;
end;
