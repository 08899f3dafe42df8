-- Queues a job again that failed or was cancelled, with all its attempts. No row: there is none.
-- The fencing token never falls: an attempt that was given up must not count again.
create or replace function app.retry_job(_id uuid)
returns setof app.jobs
language sql
volatile
begin atomic
    update app.jobs
    set
        status = 'queued', version = version + 1, last_attempt = attempt + max_attempts, queue_rank = null,
        run_at = clock_timestamp(), progress = 0, error = null, message = null, finished_at = null
    where id = _id and status in ('failed', 'cancelled')
    returning jobs.*;
end;
