-- The one place that says where days of a time zone begin. (`at time zone` takes the second of two midnights, and of a
-- midnight that does not exist an instant of the day before.)
create or replace function analytics.local_day_bounds(_day date default null, _timezone text default 'UTC')
returns table (from_at timestamptz, until_at timestamptz)
language sql
stable
parallel safe
begin atomic
    select
        app.local_instant(chosen.day::timestamp, _timezone) as from_at,
        app.local_instant((chosen.day + 1)::timestamp, _timezone) as until_at
    from (select coalesce(_day, analytics.local_day(now(), _timezone)) as day) as chosen;
end;

comment on function analytics.local_day_bounds(date, text) is
'Between which instants a day of a time zone (IANA name) lies: one row. _day NULL: today. from_at: the first instant '
'at which clocks show midnight of that day or, on days that skip midnight, anything later; until_at: the same of the '
'next day, which is not included any more. A day with two midnights, because clocks are set back over one, begins at '
'the first. A day that the zone skipped (2011-12-30 in Pacific/Apia) has no length: both are the same.';
