-- Whether a user may view (action view), download (action download), end (action end) or repeat (action retry) a job:
-- its version if so, else no row. Every reader asks this; caches hold no permissions. A share allows to view or to
-- download.
create or replace function app.may_see_job(_user_id bigint, _job_id uuid, _action text)
returns table (version bigint)
language sql
stable
begin atomic
    select j.version from app.jobs as j
    where j.id = _job_id and (
        (j.user_id = _user_id and _action in ('view', 'download', 'end', 'retry'))
        or (
            _action in ('view', 'download')
            and exists (select from app.usable_shares(_user_id, _action) as h where h.job_id = j.id)
        )
    );
end;
