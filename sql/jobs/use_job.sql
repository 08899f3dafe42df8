-- As app.may_see_job, which decides, for a reader that goes on to use the job: anyone but its owner is entered in the
-- access log of the share.
create or replace function app.use_job(_user_id bigint, _job_id uuid, _action text)
returns table (version bigint)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    select allowed.version into use_job.version from app.may_see_job(_user_id, _job_id, _action) as allowed;
    if not found then
        return;
    end if;
    if not exists (select from app.jobs as j where j.id = _job_id and j.user_id = _user_id) then
        perform app.note_access(_user_id, _job_id, null, _action);
    end if;
    return next;
end
$$;
