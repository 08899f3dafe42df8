-- depends: 0031.create-webhooks

-- A take ends with its job, however that ends: cancelled by its user or by an administrator, or failed after its last
-- attempt. A take that has ended before stays as it is.
create function app.end_take_of_job()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    update app.takes
    set status = 'failed', error = coalesce(new.error, new.status), finished_at = clock_timestamp()
    where job_id = new.id and status = 'processing';
    return null;
end
$$;
create trigger jobs_end_take_trigger after update of status on app.jobs
for each row when (new.task = 'analyse_take' and new.status in ('failed', 'cancelled'))
execute function app.end_take_of_job();
