-- Progress that came from outside, of a job that has not ended. It never falls. No row: there is none, or it has ended.
create or replace function app.advance_job(_id uuid, _progress integer, _message text)
returns setof app.jobs
language sql
volatile
begin atomic
    update app.jobs
    set progress = greatest(progress, _progress), message = _message, version = version + 1
    where id = _id and status in ('queued', 'running')
    returning jobs.*;
end;
