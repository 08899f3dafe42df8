-- The one place that says which days, and of which time zone, functions per user take when they are not given.
create or replace function analytics.user_period(
    _user bigint, _from date default null, _to date default null, _timezone text default null
)
returns table (timezone text, from_at timestamptz, until_at timestamptz)
language sql
stable
parallel safe
begin atomic
    select zone.name, first.from_at, last.until_at
    from analytics.users as u
    cross join lateral (select coalesce(_timezone, u.timezone) as name) as zone
    cross join lateral (select coalesce(_to, analytics.local_day(now(), zone.name)) as day) as until
    cross join lateral analytics.local_day_bounds(coalesce(_from, until.day - 29), zone.name) as first
    cross join lateral analytics.local_day_bounds(until.day, zone.name) as last
    where u.id = _user and first.from_at < last.until_at
    -- Computed once. Inlined, it would be computed for each row that is compared with it.
    offset 0;  -- noqa: AM09
end;

comment on function analytics.user_period(bigint, date, date, text) is
'Between which instants the days from _from to _to lie, both included, in a time zone (IANA name; by default that of '
'the user): one row. _to NULL: today; _from NULL: 30 days in all. timezone: the zone; from_at: start of the first day; '
'until_at: end of the last, which is not included any more. No row: there is no such user, or no time between the two.';
