-- A page of the records of a user, the latest first: of one type (NULL: both), of a day of the user's time zone (NULL:
-- all), after a place (NULL: the beginning), of so many records (NULL: all).
create or replace function app.list_records(
    _user_id bigint, _record_type text, _day date, _before_at timestamptz, _before_id uuid, _limit integer
)
returns table (
    record_id uuid, record_type text, at timestamptz, what text, energy_kcal double precision, tags jsonb,
    activity text, minutes double precision, session_id text, created_at timestamptz, updated_at timestamptz
)
language sql
stable
begin atomic
    select
        r.record_id, r.record_type, r.at, r.what, r.energy_kcal, r.tags, r.activity, r.minutes, r.session_id,
        r.created_at, r.updated_at
    from app.users as u
    cross join lateral analytics.local_day_bounds(_day, u.timezone) as d
    join app.diary_records as r on r.user_id = u.id
    where u.id = _user_id and r.deleted_at is null
        and (_record_type is null or r.record_type = _record_type)
        and (_day is null or (r.at >= d.from_at and r.at < d.until_at))
        and (_before_at is null or (r.at, r.record_id) < (_before_at, _before_id))
    order by r.at desc, r.record_id desc
    limit _limit;
end;
