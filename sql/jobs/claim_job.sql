-- The next job that is due, or that a dead worker left, leased for _lease to the caller. No row: there is none.
-- A job whose last attempt died is given up, with that reason.
create or replace function app.claim_job(_lease interval)
returns setof app.jobs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _id uuid;
begin
    update app.jobs as j
    set
        status = 'failed', version = j.version + 1, finished_at = clock_timestamp(), lease_until = null,
        error = format('the worker died %s times', j.attempt)
    where j.id in (
        select dead.id from app.jobs as dead
        where dead.status = 'running' and dead.lease_until < clock_timestamp() and dead.attempt >= dead.last_attempt
        for update skip locked
    );
    -- Each by its own index: one query for both would sort all that are queued.
    select dead.id into _id from app.jobs as dead
    where dead.status = 'running' and dead.lease_until < clock_timestamp()
    order by dead.lease_until
    limit 1
    for update skip locked;
    if not found then
        select due.id into _id from app.jobs as due
        where due.status = 'queued' and due.run_at <= clock_timestamp()
        order by due.run_at
        limit 1
        for update skip locked;
    end if;
    return query
    update app.jobs as j
    set
        status = 'running', version = j.version + 1, attempt = j.attempt + 1, progress = 0, message = null,
        lease_until = clock_timestamp() + _lease, started_at = clock_timestamp()
    where j.id = _id
    returning j.*;
end
$$;
