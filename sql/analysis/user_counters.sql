-- session_counters() for a user's days: what was counted belongs to the day of the minute in which it was.
create or replace function analytics.user_counters(_user bigint, _from date default null, _to date default null)
returns table (day date, sensor text, axis text, sessions bigint, increase double precision)
language sql
stable
parallel safe
begin atomic
    select
        local.day, c.sensor, c.axis, count(distinct s.recording_id) as sessions, sum(c.increase) as increase
    from analytics.user_period(_user, _from, _to) as period
    join analytics.sessions as s
        on s.user_id = _user and s.last_reading_at >= period.from_at and s.first_reading_at < period.until_at
    cross join lateral analytics.session_counters(s.recording_id) as c
    cross join lateral (select analytics.local_day(c.bucket, period.timezone) as day) as local
    where c.bucket >= period.from_at and c.bucket < period.until_at
    group by local.day, c.sensor, c.axis
    order by local.day, c.sensor, c.axis;
end;

comment on function analytics.user_counters(bigint, date, date) is
'What the counters of a user, such as steps, counted per day of their own time zone: one row per day, sensor and axis '
'from _from to _to, both included, archived readings included. _to NULL: today; _from NULL: 30 days in all. sessions: '
'recordings that counted on that day; increase: as by session_counters(). Two sensors that count the same steps have a '
'row each.';
