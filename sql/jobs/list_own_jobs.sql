-- A user's jobs of some kinds, newest first, after the job _before (keyset).
create or replace function app.list_own_jobs(_user_id bigint, _kinds text[], _before uuid, _limit integer)
returns setof app.jobs
language sql
stable
begin atomic
    select j.*
    from app.jobs as j
    where j.user_id = _user_id and j.kind = any(_kinds)
        and (
            _before is null
            or (j.created_at, j.id) < (
                select p.created_at, p.id from app.jobs as p where p.id = _before and p.user_id = _user_id
            )
        )
    order by j.created_at desc, j.id desc
    limit _limit;
end;
