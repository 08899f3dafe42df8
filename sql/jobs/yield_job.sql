-- An attempt makes way for other jobs: its job is queued again, behind those of the same rank, and goes on later. This
-- uses up no attempt. No row: the attempt no longer counts.
create or replace function app.yield_job(_id uuid, _attempt integer)
returns setof app.jobs
language sql
volatile
begin atomic
    update app.jobs
    set
        status = 'queued', version = version + 1, last_attempt = last_attempt + 1, lease_until = null,
        run_at = clock_timestamp()
    where id = _id and attempt = _attempt and status = 'running'
    returning jobs.*;
end;
