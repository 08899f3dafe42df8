-- The advisory lock that whoever runs a maintenance task holds: no task runs twice at once.
create or replace function app.task_lock(_task text)
returns bigint
language sql
immutable
begin atomic
    select hashtextextended('koodtx maintenance ' || _task, 0);
end;
