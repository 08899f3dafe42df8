-- Returns the pairs of logins and jobs (arrays of equal length) that may still be watched, with the job's version.
-- One query for all listeners of a process: it finds revoked logins, and changes whose message was lost.
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
