-- As app.watched_jobs, for one login that begins to watch a job: anyone but its owner is entered in the access log.
create or replace function app.watch_job(_login_id uuid, _job_id uuid)
returns table (version bigint)
language sql
volatile
begin atomic
    select allowed.version
    from app.active_login(_login_id) as login
    cross join lateral app.use_job(login.user_id, _job_id, 'view') as allowed;
end;
