-- Accounts by id after _after, each with a day, and what a run has to do for it. _day NULL: the day before the job was
-- enqueued, in the zone of each; _user_id NULL: all. state: not_over, has_one, lacks_food (with or without exercise),
-- lacks_exercise, ready, and of what the run _job_id did before it was interrupted: recommended, failed.
create or replace function app.recommendation_page(
    _day date, _user_id bigint, _job_id uuid, _after bigint, _limit integer
)
returns table (user_id bigint, day date, state text)
language sql
stable
begin atomic
    with people as (
        select u.id, coalesce(_day, today.day - 1) as day, u.timezone, today.day as today
        from (
            select a.id, a.timezone from app.users as a
            where a.id > _after and (_user_id is null or a.id = _user_id) and a.is_active
            order by a.id
            limit _limit
        ) as u
        cross join lateral (
            select
                analytics.local_day(
                    coalesce((select j.created_at from app.jobs as j where j.id = _job_id), app.now()), u.timezone
                ) as day
        ) as today
    )
    select
        p.id, p.day,
        case
            when p.day >= p.today then 'not_over'
            when r.job_id = _job_id then case when r.error is null then 'recommended' else 'failed' end
            when r.user_id is not null and r.error is null then 'has_one'
            when not app.has_record(p.id, 'food', d.from_at, d.until_at) then 'lacks_food'
            when not app.has_record(p.id, 'exercise', d.from_at, d.until_at) then 'lacks_exercise'
            else 'ready'
        end
    from people as p
    cross join lateral analytics.local_day_bounds(p.day, p.timezone) as d
    left join app.recommendations as r on r.user_id = p.id and r.day = p.day
    order by p.id;
end;
