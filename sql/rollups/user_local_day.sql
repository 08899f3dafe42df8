-- From minutes, and from the distances of those of the one sensor that counts.
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
        from analytics.user_period(_user, _from, _to) as period
        join analytics.sessions as s
            on s.user_id = _user and s.last_reading_at >= period.from_at and s.first_reading_at < period.until_at
        cross join lateral analytics.minute_distance(s.recording_id) as d
        where d.is_counted
    )
    select
        local.day, t.sensor, count(distinct t.recording_id) as sessions, sum(m.count)::bigint as readings,
        count(distinct m.bucket) as active_minutes,
        sum(d.gated_m) as distance_m
    from app.user_sensors(_user, _from, _to, null, 1) as t
    cross join lateral (
        select p.bucket, p.count
        from analytics.rollup_partials as p
        where p.bucket_minutes = 1 and p.recording_id = t.recording_id and p.sensor_type_id = t.sensor_type_id
            and p.bucket >= t.from_at and p.bucket <= t.to_at
        offset 0  -- noqa: AM09
    ) as m
    cross join lateral (select analytics.local_day(m.bucket, t.timezone) as day) as local
    left join distances as d
        on d.recording_id = t.recording_id and d.sensor_type_id = t.sensor_type_id and d.bucket = m.bucket
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
