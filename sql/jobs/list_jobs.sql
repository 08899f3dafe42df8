-- Jobs of everybody, newest first: of one task, lane or user, in one of some states, if these are given.
create or replace function app.list_jobs(
    _task text, _lane text, _statuses text[], _username text, _limit integer
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
        and (_username is null or j.user_id = (select u.id from app.users as u where u.username = _username))
    order by j.created_at desc, j.id desc
    limit _limit;
end;
