-- All schedules by name. next_run_at: the next time of an active one; due_at: a time that has come, and whose run no
-- scheduler has started yet.
create or replace function app.list_schedules()
returns table (
    id bigint, name text, task text, args jsonb, frequency text, hour integer, minute integer, timezone text,
    is_active boolean, next_run_at timestamptz, due_at timestamptz
)
language sql
volatile
begin atomic
    select
        s.id, s.name, s.task, s.args, s.frequency, s.hour, s.minute, s.timezone, s.is_active,
        case when s.is_active then app.next_scheduled_at(s.frequency, s.hour, s.minute, s.timezone, now.at) end,
        due.scheduled_at
    from (select app.now() as at) as now
    cross join app.schedules as s
    left join app.due_runs() as due on due.schedule_id = s.id
    order by s.name;
end;
