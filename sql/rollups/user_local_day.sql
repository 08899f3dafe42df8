-- The recordings of the user first, by their times, then sensor by sensor: `offset 0` keeps the planner from joining
-- the user's recordings with the rollups of everybody (measured: 30 times slower).
create or replace function analytics.user_local_day(_user bigint, _from date default null, _to date default null)
returns table (
    day date, sensor text, sessions bigint, readings bigint, active_minutes bigint, distance_m double precision
)
language sql
stable
parallel safe
begin atomic
    with distances as materialized (
        select s.recording_id, d.sensor_type_id, d.bucket, d.gated_m
        from analytics.sessions as s
        cross join lateral analytics.minute_distance(s.recording_id) as d
        where s.user_id = _user and d.is_counted
            -- A day more at either end than the time zone of any user is away.
            and s.last_reading_at >= coalesce(_from, coalesce(_to, current_date) - 29) - interval '2 days'
            and s.first_reading_at < coalesce(_to, current_date) + interval '3 days'
    )
    select
        local.day, t.sensor, count(distinct s.recording_id) as sessions, sum(m.count)::bigint as readings,
        count(distinct m.bucket) as active_minutes,
        sum(d.gated_m) as distance_m
    from analytics.users as u
    cross join lateral (select (now() at time zone u.timezone)::date as date) as today
    cross join lateral (
        select
            coalesce(_from, coalesce(_to, today.date) - 29)::timestamp at time zone u.timezone as from_at,
            (coalesce(_to, today.date) + 1)::timestamp at time zone u.timezone as until_at
    ) as days
    join analytics.sessions as s
        on s.user_id = u.id and s.last_reading_at >= days.from_at and s.first_reading_at < days.until_at
    cross join lateral (
        select n.sensor_type_id, n.sensor from analytics.session_sensors as n where n.recording_id = s.recording_id
        offset 0  -- noqa: AM09
    ) as t
    cross join lateral (
        select p.bucket, p.count
        from analytics.rollup_partials as p
        where p.bucket_minutes = 1 and p.recording_id = s.recording_id and p.sensor_type_id = t.sensor_type_id
            and p.bucket >= days.from_at and p.bucket < days.until_at
        offset 0  -- noqa: AM09
    ) as m
    cross join lateral (select (m.bucket at time zone u.timezone)::date as day) as local
    left join distances as d
        on d.recording_id = s.recording_id and d.sensor_type_id = t.sensor_type_id and d.bucket = m.bucket
    where u.id = _user
    group by local.day, t.sensor
    order by local.day, t.sensor;
end;

comment on function analytics.user_local_day(bigint, date, date) is
'What a user recorded per day of their own time zone: one row per day and sensor from _from to _to, both included, '
'from rollups, archived readings included. _to NULL: today; _from NULL: 30 days in all. A reading counts on the day '
'it was recorded, whenever its session began. sessions: recordings with readings of the sensor on that day; '
'readings: number of them; active_minutes: minutes that have any; distance_m: gated_m of '
'session_distance(), of the one sensor of each recording that is counted, so that the sensors of a day add up; NULL: '
'not known of this sensor.';
