-- Cancels a job that has not ended, or (_retry) queues one that failed or was cancelled anew. No row: neither applies.
create or replace function app.end_job(_id uuid, _retry boolean)
returns setof app.jobs
language sql
volatile
begin atomic
    update app.jobs
    set
        status = case when _retry then 'queued' else 'cancelled' end,
        version = version + 1,
        lease_until = null,
        -- The fencing token never falls: an attempt that was given up must not count again.
        last_attempt = case when _retry then attempt + 3 else last_attempt end,
        run_at = case when _retry then clock_timestamp() else run_at end,
        error = case when _retry then null else 'cancelled' end,
        finished_at = case when _retry then null else clock_timestamp() end
    where id = _id and case when _retry then status in ('failed', 'cancelled') else status in ('queued', 'running') end
    returning jobs.*;
end;
