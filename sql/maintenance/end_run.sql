-- Ends an attempt at a run: completed, failed with an error, or (_is_paused) to be resumed by the next attempt.
create or replace function app.end_run(_id bigint, _details jsonb, _error text, _is_paused boolean)
returns setof app.maintenance_runs
language sql
volatile
begin atomic
    update app.maintenance_runs
    set
        status = case when _is_paused then 'paused' when _error is null then 'completed' else 'failed' end,
        finished_at = case when not _is_paused then app.now() end, details = _details,
        error = coalesce(_error, maintenance_runs.error)
    where id = _id
    returning maintenance_runs.*;
end;
