-- Archives whatever is older than the ceiling, also what never ended or was never uploaded: a job of TimescaleDB, and
-- elsewhere a task of this name on a schedule. Each session is a transaction. Refused like any clean-up that surprises.
create or replace procedure app.enforce_ceiling(_job_id integer, _config jsonb)
language plpgsql
as $$
declare
    _task constant text := 'enforce_ceiling';
    _run app.maintenance_runs;
    _session record;
    _bytes double precision := (select s.bytes_per_reading from app.stored_readings_size() as s);
    _readings bigint;
begin
    if not pg_try_advisory_lock(app.task_lock(_task)) then
        return;
    end if;
    select * into _run from app.begin_run(
        _task, '{}', (select make_interval(days => r.days) from app.retention as r where r.name = 'ceiling'),
        false, true, false, null, clock_timestamp()
    );
    commit;
    if _run.status = 'running' then
        for _session in select * from app.idle_sessions(_run.cutoff_at) as i order by i.id loop
            _readings := app.archive_old_session(_session.id, _run.cutoff_at);
            perform app.advance_run(
                _run.id, _readings, (_readings * _bytes)::bigint, (_readings > 0)::integer, _session.id
            );
            commit;
        end loop;
        perform app.end_run(_run.id, '{}', null);
        commit;
    end if;
    perform pg_advisory_unlock(app.task_lock(_task));
end
$$;
