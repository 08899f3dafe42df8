-- Reads only the ends of the primary key, however long the recording.
create or replace function analytics.sensor_rates(
    _recording bigint, _from timestamptz default null, _to timestamptz default null
)
returns table (
    sensor_type_id integer, sensor text, first_at timestamptz, last_at timestamptz,
    median_interval_s double precision, expected_hz double precision, expected_from text, outside_count bigint
)
language sql
stable
parallel safe
begin atomic
    select
        n.sensor_type_id, n.sensor, ends.first_at, ends.last_at, start.quartiles[2] as median_interval_s,
        case
            when rate.is_requested then session.sample_rate when rate.is_regular then 1 / start.quartiles[2]
        end as expected_hz,
        case when rate.is_requested then 'sample_rate' when rate.is_regular then 'median_interval' end as expected_from,
        ends.outside_count
    from analytics.sessions as session
    cross join lateral (
        select s.sensor_type_id, s.sensor from analytics.session_sensors as s where s.recording_id = _recording
        union all
        -- Declared, but never came.
        select null, d.sensor from analytics.declared_sensors(_recording) as d
        where lower(d.sensor) not in (
            select lower(s.sensor) from analytics.session_sensors as s where s.recording_id = _recording
        )
    ) as n
    cross join lateral (
        select percentile_cont(array[0.25, 0.5, 0.75]) within group (order by i.interval_s) as quartiles
        from (
            select date_part('epoch', d.recorded_at - lag(d.recorded_at) over (order by d.recorded_at)) as interval_s
            from app.stored_session_readings(_recording, _from, _to) as d
            where d.sensor_type_id = n.sensor_type_id
            order by d.recorded_at
            -- They have 10,000 intervals: minutes of a motion sensor, hours of a slow one, read in milliseconds.
            limit 10001
        ) as i
    ) as start
    cross join lateral (
        select
            -- A rate outside these bounds is a mistake of the app. Otherwise it is a hint to the phone (Android's
            -- registerListener()): a sensor further off than a factor of 3 runs at a rate of its own.
            session.sample_rate between 1e-6 and 1e6 and not app.has_own_pace(n.sensor)
            and coalesce(start.quartiles[2] * session.sample_rate between 1.0 / 3 and 3, true) as is_requested,
            -- Half of the intervals of what happens by chance differ by a factor of ln 4 / ln (4/3) = 4.8, those of a
            -- sensor with a rate by jitter.
            start.quartiles[2] > 0 and start.quartiles[3] <= 3 * start.quartiles[1] as is_regular
    ) as rate
    cross join lateral (
        select
            (
                select d.recorded_at from app.stored_session_readings(_recording, _from, _to) as d
                where d.sensor_type_id = n.sensor_type_id order by d.recorded_at limit 1
            ) as first_at,
            (
                select d.recorded_at from app.stored_session_readings(_recording, _from, _to) as d
                where d.sensor_type_id = n.sensor_type_id order by d.recorded_at desc limit 1
            ) as last_at,
            (
                select count(*) from app.stored_session_readings(_recording, _from, _to) as d
                where d.sensor_type_id = n.sensor_type_id and d.recorded_at < session.start_time
            ) + (
                select count(*) from app.stored_session_readings(_recording, _from, _to) as d
                where d.sensor_type_id = n.sensor_type_id and d.recorded_at > session.end_time
            ) as outside_count
    ) as ends
    where session.recording_id = _recording and (ends.first_at is not null or n.sensor_type_id is null);
end;

comment on function analytics.sensor_rates(bigint, timestamptz, timestamptz) is
'At which rate each sensor of a recording should have recorded: one row per sensor that has readings, and per sensor '
'of declared_sensors() that never came (sensor_type_id, first_at, last_at NULL). expected_hz: the sample_rate of the '
'session (expected_from = sample_rate). A sensor whose median interval is more than three times longer or shorter runs '
'at a rate of its own, as barometers do; so does one that no app can request at a rate: positions, and what reports '
'changes (steps, heart rate, light, proximity, temperature, humidity, battery). Then, and when no sample_rate was '
'sent, it is 1 / median_interval_s (expected_from = median_interval), if the intervals are regular: their upper '
'quartile at most three times the lower. NULL: neither is known, nothing is expected. median_interval_s: median of the '
'first 10,000 intervals. first_at, last_at: times of the first and last reading. outside_count: number of readings '
'before start_time or after end_time of the session.';
