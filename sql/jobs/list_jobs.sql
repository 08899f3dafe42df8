-- Jobs of everybody, newest first: of one task, lane or user, in one of some states, if these are given.
-- The user is named in the form in which names are compared (koodtx/names.py).
create or replace function app.list_jobs(
    _task text, _lane text, _statuses text[], _username_key text, _limit integer
)
returns setof app.jobs
language sql
stable
begin atomic
    select j.*
    from app.jobs as j
    where (_task is null or j.task = _task)
        and (_lane is null or j.lane = _lane)
        and (_statuses is null or j.status = any(_statuses))
        and (
            _username_key is null
            or j.user_id = (select u.id from app.users as u where u.username_key = _username_key)
        )
    order by j.created_at desc, j.id desc
    limit _limit;
end;
