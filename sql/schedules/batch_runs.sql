-- Runs of scheduled times and runs that were requested, each with the state of its job. numbers: those of its result.
create or replace view app.batch_runs as
select
    r.job_id as run_id, r.schedule_id, s.name as schedule, j.task, r.scheduled_at, r.requested_at,
    u.username as requested_by, r.enqueued_at, j.status, j.attempt, j.started_at, j.finished_at, j.error,
    (
        select jsonb_object_agg(n.key, n.value) from jsonb_each(j.result) as n
        where jsonb_typeof(n.value) = 'number'
    ) as numbers
from (
    select
        e.job_id, e.schedule_id, e.scheduled_at, null::timestamptz as requested_at, null::bigint as requested_by,
        e.enqueued_at
    from app.scheduled_runs as e
    union all
    select q.job_id, q.schedule_id, null, q.requested_at, q.requested_by, q.requested_at
    from app.requested_runs as q
) as r
inner join app.jobs as j on j.id = r.job_id
left join app.schedules as s on s.id = r.schedule_id
left join app.users as u on u.id = r.requested_by;
