-- Starts a scheduled run: its row and its job, in one transaction. False: another scheduler has, or the schedule is
-- gone, or was edited since the run was found due.
create or replace function app.start_scheduled_run(
    _schedule_id bigint, _scheduled_at timestamptz, _job_id uuid, _lane text default 'batch',
    _max_attempts integer default 3
)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _schedule app.schedules;
begin
    -- For update: as long as the schedule is there, it is as it was read.
    select * into _schedule from app.schedules
    where id = _schedule_id and is_active and due_from <= _scheduled_at for update;
    if not found then
        return false;
    end if;
    insert into app.scheduled_runs (schedule_id, scheduled_at, job_id) values (_schedule_id, _scheduled_at, _job_id)
    on conflict do nothing;
    if not found then
        return false;
    end if;
    perform app.enqueue_job(
        _schedule.task, _lane, _schedule.args, _max_attempts => _max_attempts, _id => _job_id
    );
    return true;
end
$$;
