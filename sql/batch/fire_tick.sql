-- Fires a tick: its row and its job, in one transaction. False: another scheduler has, or the schedule is gone.
create or replace function app.fire_tick(_schedule_id bigint, _due_at timestamptz, _job_id uuid)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _schedule app.batch_schedules;
begin
    -- For update: as long as the schedule is there, it is as it was read.
    select * into _schedule from app.batch_schedules where id = _schedule_id and is_active for update;
    if not found then
        return false;
    end if;
    insert into app.batch_runs (schedule_id, due_at, job_id) values (_schedule_id, _due_at, _job_id)
    on conflict do nothing;
    if not found then
        return false;
    end if;
    insert into app.jobs (id, kind, arguments) values (_job_id, _schedule.task, _schedule.args);
    return true;
end
$$;
