-- Ends a job by what it waited for, which came from outside: its result, or (_error not null) an error. No row: there
-- is none, or it has ended. An attempt that runs meanwhile no longer counts.
create or replace function app.settle_job(_id uuid, _result jsonb, _error text)
returns setof app.jobs
language sql
volatile
begin atomic
    update app.jobs
    set
        status = case when _error is null then 'completed' else 'failed' end,
        version = version + 1, lease_until = null, result = _result, error = _error,
        progress = case when _error is null then 100 else progress end,
        message = null, finished_at = clock_timestamp()
    where id = _id and status in ('queued', 'running')
    returning jobs.*;
end;
