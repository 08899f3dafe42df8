-- An attempt has done what it can for now: its job is queued again for _run_at, with its progress. This uses up no
-- attempt. No row: the attempt no longer counts.
create or replace function app.defer_job(_id uuid, _attempt integer, _run_at timestamptz, _message text)
returns setof app.jobs
language sql
volatile
begin atomic
    update app.jobs
    set
        status = 'queued', version = version + 1, last_attempt = last_attempt + 1, lease_until = null,
        run_at = _run_at, message = _message,
        -- It gets a new rank when its time comes.
        queue_rank = null
    where id = _id and attempt = _attempt and status = 'running'
    returning jobs.*;
end;
