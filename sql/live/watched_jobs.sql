-- Of pairs of log-ins and jobs, in equally long arrays, those that may still be watched, with the job's version.
-- One question for all listeners of a process: it ends what was revoked and finds what a lost message told.
create or replace function app.watched_jobs(_logins uuid[], _jobs uuid[])
returns table (login_id uuid, job_id uuid, version bigint)
language sql
stable
begin atomic
    select watched.login_id, watched.job_id, allowed.version
    from unnest(_logins, _jobs) as watched (login_id, job_id)
    cross join lateral app.active_login(watched.login_id) as login
    cross join lateral app.may_see_job(login.user_id, watched.job_id, 'view') as allowed;
end;
