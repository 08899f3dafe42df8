-- Whether a job of a task is queued that the service itself enqueued. If so, no worker claims it before the end of this
-- transaction, so that it will see what this transaction writes.
create or replace function app.hold_queued_job(_task text)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform from app.jobs as j
    where j.task = _task and j.user_id is null and j.status = 'queued'
    limit 1
    for update skip locked;
    return found;
end
$$;
