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
        n.sensor_type_id, n.sensor, ends.first_at, ends.last_at, start.median_interval_s,
        case when rate.is_requested then session.sample_rate else 1 / start.median_interval_s end as expected_hz,
        case when rate.is_requested then 'sample_rate' when start.median_interval_s > 0 then 'median_interval' end
        as expected_from,
        ends.outside_count
    from analytics.sessions as session
    join analytics.session_sensors as n on n.recording_id = session.recording_id
    cross join lateral (
        select percentile_cont(0.5) within group (order by i.interval_s) as median_interval_s
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
            session.sample_rate between 1e-6 and 1e6
            and coalesce(start.median_interval_s * session.sample_rate between 1.0 / 3 and 3, true) as is_requested
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
    where session.recording_id = _recording and ends.first_at is not null;
end;

comment on function analytics.sensor_rates(bigint, timestamptz, timestamptz) is
'Between which times, and at which rate, each sensor of a recording should have recorded: one row per sensor. '
'expected_hz: the sample_rate of the session (expected_from = sample_rate). A sensor whose median interval is more '
'than three times longer or shorter runs at a rate of its own, as barometers and GPS do; then, and when no '
'sample_rate was sent, it is 1 / median_interval_s (expected_from = median_interval). median_interval_s: median of '
'the first 10,000 intervals. NULL: neither is known. first_at, last_at: times of the first and last reading. '
'outside_count: number of readings before start_time or after end_time of the session.';
