-- The days of user_period(), one by one.
create or replace function analytics.user_days(
    _user bigint, _from date default null, _to date default null, _timezone text default null
)
returns table (day date, from_at timestamptz, until_at timestamptz, timezone text)
language sql
stable
parallel safe
begin atomic
    select d.day, bounds.from_at, bounds.until_at, period.timezone
    from analytics.user_period(_user, _from, _to, _timezone) as period
    cross join lateral (
        select analytics.local_day(period.from_at, period.timezone) as first_day,
            analytics.local_day(period.until_at - interval '1 microsecond', period.timezone) as last_day
    ) as ends
    cross join lateral (
        select ends.first_day + n as day from generate_series(0, ends.last_day - ends.first_day) as n
    ) as d
    cross join lateral analytics.local_day_bounds(d.day, period.timezone) as bounds
    -- A day that the zone skipped is none.
    where bounds.from_at < bounds.until_at
    order by d.day;
end;

comment on function analytics.user_days(bigint, date, date, text) is
'The days of user_period(), one row each, in a time zone (_timezone: IANA name; by default that of the user), with '
'their bounds as by local_day_bounds(). A day that the zone skipped has no row. No rows: there is no such user.';
