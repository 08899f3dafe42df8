-- The latest tick of each active schedule, if it is due and has not fired. Earlier ones that were missed stay missed.
create or replace function app.due_ticks()
returns table (schedule_id bigint, name text, task text, args jsonb, due_at timestamptz)
language sql
volatile
begin atomic
    with due as (
        select s.*, app.latest_tick(s.frequency, s.hour, s.minute, s.timezone, now.at) as due_at
        from (select app.clock() as at) as now
        cross join app.batch_schedules as s
        where s.is_active
    )
    select due.id, due.name, due.task, due.args, due.due_at
    from due
    where due.due_at >= due.created_at
        and not exists (
            select from app.batch_runs as r where r.schedule_id = due.id and r.due_at >= due.due_at
        )
    order by due.due_at, due.id;
end;
