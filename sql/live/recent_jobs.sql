-- The jobs of users that have not ended, or ended at most _age ago: changes that a listener may have missed.
create or replace function app.recent_jobs(_user_ids bigint[], _age interval)
returns setof app.jobs
language sql
stable
begin atomic
    select j.*
    from app.jobs as j
    where j.user_id = any(_user_ids)
        and (j.status in ('queued', 'running') or j.finished_at > clock_timestamp() - _age);
end;
