-- Progress of an attempt. No row: it is no longer the job's newest, or the job was cancelled.
create or replace function app.report_progress(_id uuid, _attempt integer, _progress integer, _message text)
returns setof app.jobs
language sql
volatile
begin atomic
    update app.jobs
    set progress = _progress, message = _message, version = version + 1
    where id = _id and attempt = _attempt and status = 'running'
    returning jobs.*;
end;
