-- The next job for a worker that knows _tasks and serves _lanes, the first lane first, leased to it for _lease. Within
-- a lane: what a dead worker left, then by rank and time. No row: there is none.
-- A job whose last attempt died fails, with that reason.
create or replace function app.claim_job(_lease interval, _tasks text[], _lanes text[])
returns setof app.jobs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _id uuid;
    _lane text;
begin
    update app.jobs as j
    set
        status = 'failed', version = j.version + 1, finished_at = clock_timestamp(), lease_until = null,
        error = format('the worker died %s times', j.max_attempts)
    where j.id in (
        select dead.id from app.jobs as dead
        where dead.status = 'running' and dead.lease_until < clock_timestamp() and dead.attempt >= dead.last_attempt
        for update skip locked
    );
    perform app.rank_due_jobs(1000);
    foreach _lane in array _lanes loop
        -- Each by its own index: one query for both would sort all that are queued.
        select dead.id into _id from app.jobs as dead
        where dead.status = 'running' and dead.lease_until < clock_timestamp()
            and dead.lane = _lane and dead.task = any(_tasks)
        order by dead.lease_until
        limit 1
        for update skip locked;
        if not found then
            select due.id into _id from app.jobs as due
            where due.status = 'queued' and due.queue_rank is not null and due.run_at <= clock_timestamp()
                and due.lane = _lane and due.task = any(_tasks)
            order by due.queue_rank, due.run_at
            limit 1
            for update skip locked;
        end if;
        exit when found;
    end loop;
    return query
    update app.jobs as j
    set
        status = 'running', version = j.version + 1, attempt = j.attempt + 1,
        -- A job that made way or was deferred goes on; any other begins again.
        progress = case when j.status = 'queued' and j.error is null then j.progress else 0 end,
        message = case when j.status = 'queued' and j.error is null then j.message end,
        lease_until = clock_timestamp() + _lease, started_at = clock_timestamp()
    where j.id = _id
    returning j.*;
end
$$;
