-- session_counters() for a user's days: what was counted belongs to the day of the minute in which it was.
create or replace function analytics.user_counters(_user bigint, _from date default null, _to date default null)
returns table (day date, sensor text, axis text, sessions bigint, increase double precision)
language sql
stable
parallel safe
begin atomic
    select
        local.day, c.sensor, c.axis, count(distinct s.recording_id) as sessions, sum(c.increase) as increase
    from analytics.users as u
    cross join lateral (select (now() at time zone u.timezone)::date as date) as today
    cross join lateral (select coalesce(_to, today.date) as to_day) as last
    cross join lateral (select coalesce(_from, last.to_day - 29) as from_day) as days
    join analytics.sessions as s
        on s.user_id = u.id
        and s.last_reading_at >= (days.from_day - 1)::timestamp at time zone u.timezone
        and s.first_reading_at < (last.to_day + 2)::timestamp at time zone u.timezone
    cross join lateral analytics.session_counters(s.recording_id) as c
    cross join lateral (select (c.bucket at time zone u.timezone)::date as day) as local
    where u.id = _user and local.day between days.from_day and last.to_day
    group by local.day, c.sensor, c.axis
    order by local.day, c.sensor, c.axis;
end;

comment on function analytics.user_counters(bigint, date, date) is
'What the counters of a user, such as steps, counted per day of their own time zone: one row per day, sensor and axis '
'from _from to _to, both included, archived readings included. _to NULL: today; _from NULL: 30 days in all. sessions: '
'recordings that counted on that day; increase: as by session_counters(). Two sensors that count the same steps have a '
'row each.';
