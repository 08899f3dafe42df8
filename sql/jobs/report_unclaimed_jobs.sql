-- Jobs that have been due for longer than _age and that no living worker can claim: the reason becomes their message.
-- Returns those whose message is new. They stay queued for a worker that can.
create or replace function app.report_unclaimed_jobs(_age interval)
returns setof app.jobs
language sql
volatile
begin atomic
    with alive as (
        select w.lanes, w.tasks from app.workers as w where w.seen_at > now() - interval '1 minute'
    ),

    unclaimed as (
        select
            j.id,
            case
                when not exists (select from alive where j.task = any(alive.tasks)) then 'no worker knows this task'
                else format('no worker serves the lane %s', j.lane)
            end as reason
        from app.jobs as j
        where j.status = 'queued' and j.run_at < clock_timestamp() - _age
            and not exists (select from alive where j.lane = any(alive.lanes) and j.task = any(alive.tasks))
    )
    update app.jobs
    set message = unclaimed.reason, version = version + 1
    from unclaimed
    where jobs.id = unclaimed.id and jobs.message is distinct from unclaimed.reason
    returning jobs.*;
end;
