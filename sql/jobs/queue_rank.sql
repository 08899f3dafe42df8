-- How many unfinished jobs of a user in a lane are due: the place of the next one. NULL is the service itself.
-- A job that is not due yet has no rank and takes no place.
create or replace function app.queue_rank(_user_id bigint, _lane text)
returns integer
language sql
stable
begin atomic
    select count(*)::integer
    from app.jobs as j
    where coalesce(j.user_id, 0) = coalesce(_user_id, 0) and j.lane = _lane
        and j.status in ('queued', 'running') and j.queue_rank is not null;
end;
