-- The advisory lock that is held while a maintenance task runs: no task runs twice at the same time.
create or replace function app.task_lock(_task text)
returns bigint
language sql
immutable
begin atomic
    select hashtextextended('koodtx maintenance ' || _task, 0);
end;
