-- Enters in the access log of each share that allows it that a user has viewed or downloaded a job, or the session of a
-- share, once per hour. What is the user's own is not logged. In PL/pgSQL, which keeps the plan: most calls enter
-- nothing new, and planning costs more than that.
create or replace function app.note_access(_user_id bigint, _job_id uuid, _share_id uuid, _action text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into app.share_accesses (share_id, user_id, action, hour, at)
    select h.share_id, _user_id, _action, date_trunc('hour', clock.now, 'UTC'), clock.now
    from app.usable_shares(_user_id, _action) as h
    cross join app.now() as clock (now)
    where h.job_id = _job_id or h.share_id = _share_id
    on conflict do nothing;
end
$$;
