-- Cancels a job that has not ended. No row: there is none. A running attempt stops when its lease is not renewed.
create or replace function app.cancel_job(_id uuid)
returns setof app.jobs
language sql
volatile
begin atomic
    update app.jobs
    set
        status = 'cancelled', version = version + 1, lease_until = null, error = 'cancelled',
        finished_at = clock_timestamp()
    where id = _id and status in ('queued', 'running')
    returning jobs.*;
end;
