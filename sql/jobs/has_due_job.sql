-- Whether a job of one of _tasks in one of _lanes is due and waits for a worker.
create or replace function app.has_due_job(_tasks text[], _lanes text[])
returns boolean
language sql
stable
begin atomic
    select exists(
        select from app.jobs as j
        where j.status = 'queued' and j.run_at <= clock_timestamp() and j.lane = any(_lanes) and j.task = any(_tasks)
    );
end;
