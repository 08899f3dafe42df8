-- Whether a user may view (action view), end (action end) or repeat (action retry) a job: its version if so, else no
-- row. Every reader asks this; caches hold no permissions.
create or replace function app.may_see_job(_user_id bigint, _job_id uuid, _action text)
returns table (version bigint)
language sql
stable
begin atomic
    select j.version from app.jobs as j
    where j.id = _job_id and j.user_id = _user_id and _action in ('view', 'end', 'retry');
end;
