-- Ends a run: by an error, or with what there is to say about it.
create or replace function app.end_run(_id bigint, _details jsonb, _error text)
returns setof app.maintenance_runs
language sql
volatile
begin atomic
    update app.maintenance_runs
    set
        status = case when _error is null then 'completed' else 'failed' end,
        finished_at = app.now(), details = _details, error = coalesce(_error, maintenance_runs.error)
    where id = _id
    returning maintenance_runs.*;
end;
