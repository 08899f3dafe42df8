-- The newest run of each schedule that has had one.
create or replace function app.last_runs()
returns setof app.batch_runs
language sql
stable
begin atomic
    select newest.*
    from app.schedules as s
    cross join lateral (
        select r.* from app.batch_runs as r where r.schedule_id = s.id order by r.enqueued_at desc limit 1
    ) as newest;
end;
