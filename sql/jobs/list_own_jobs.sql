-- A user's jobs, newest first, after the job _before (keyset); of some tasks, in one state, about one session (by the
-- client's id), if these are given.
create or replace function app.list_own_jobs(
    _user_id bigint, _tasks text[], _status text, _session_id text, _before uuid, _limit integer
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
        and (
            _before is null
            or (j.created_at, j.id) < (
                select p.created_at, p.id from app.jobs as p where p.id = _before and p.user_id = _user_id
            )
        )
    order by j.created_at desc, j.id desc
    limit _limit;
end;
