-- The latest run of each active schedule, if its time has come since the schedule was edited or switched on, and it has
-- not been started. Earlier ones that were missed stay missed.
create or replace function app.due_runs()
returns table (schedule_id bigint, name text, task text, args jsonb, scheduled_at timestamptz)
language sql
volatile
begin atomic
    with due as (
        select s.*, app.latest_scheduled_at(s.frequency, s.hour, s.minute, s.timezone, now.at) as scheduled_at
        from (select app.now() as at) as now
        cross join app.schedules as s
        where s.is_active
    )
    select due.id, due.name, due.task, due.args, due.scheduled_at
    from due
    where due.scheduled_at >= due.due_from
        and not exists (
            select from app.scheduled_runs as r where r.schedule_id = due.id and r.scheduled_at >= due.scheduled_at
        )
    order by due.scheduled_at, due.id;
end;
