-- Returns a new row of the run log for a task that starts, or the row of an earlier attempt of the job: to be resumed,
-- or completed.
-- The caller holds the task's lock. What is older than _age goes, counted from the scheduled run of the job, else from
-- now; NULL: nothing goes. _is_guarded: needs _is_confirmed if it would delete more than usual (app.guard_reason).
create or replace function app.begin_run(
    _task text, _arguments jsonb, _age interval, _is_dry_run boolean, _is_guarded boolean, _is_confirmed boolean,
    _job_id uuid, _host_now timestamptz
)
returns setof app.maintenance_runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _now timestamptz := app.now();
    _scheduled_at timestamptz := (select r.scheduled_at from app.scheduled_runs as r where r.job_id = _job_id);
    _cutoff timestamptz := least(_scheduled_at, _now) - _age;
    _reason text := case when _is_guarded then app.guard_reason(_task, _cutoff, _host_now) end;
    _is_unconfirmed boolean := _reason is not null and not _is_confirmed and not _is_dry_run;
begin
    -- Nobody else runs the task: what says so was killed.
    update app.maintenance_runs as r
    set status = 'failed', finished_at = _now, error = 'the worker stopped without reporting a result'
    where r.task = _task and r.status = 'running' and (_job_id is null or r.job_id is distinct from _job_id);

    return query
    update app.maintenance_runs as r
    set status = 'running', finished_at = null, error = null
    where r.job_id = _job_id and r.status in ('running', 'paused', 'failed')
    returning r.*;
    if found then
        return;
    end if;
    -- Done, but its worker died before it could say so.
    return query select r.* from app.maintenance_runs as r where r.job_id = _job_id and r.status = 'completed';
    if found then
        return;
    end if;
    return query
    insert into app.maintenance_runs as r (
        task, job_id, arguments, is_dry_run, cutoff_at, status, started_at, host_started_at, finished_at, error
    ) values (
        _task, _job_id, _arguments, _is_dry_run, _cutoff, case when _is_unconfirmed then 'unconfirmed' else 'running' end,
        _now, _host_now, case when _is_unconfirmed then _now end, case when not _is_confirmed then _reason end
    )
    -- An unconfirmed job that is queued again is checked again.
    on conflict (job_id) do update
    set
        cutoff_at = excluded.cutoff_at, status = excluded.status, started_at = excluded.started_at,
        host_started_at = excluded.host_started_at, finished_at = excluded.finished_at, error = excluded.error
    where r.status = 'unconfirmed'
    returning r.*;
end
$$;
