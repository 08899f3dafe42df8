-- Mode rolling. PostgreSQL can remove values from a moving sum of integers, but not from one of doubles, which it would
-- add up again for each reading. So values are measured in steps of 1 / 4,294,967,294 (the number of steps of a 32-bit
-- integer) of the range of their channel: a window without change has a deviation of exactly 0, and what is lost is
-- below the resolution of a 32-bit sensor.
create or replace function analytics.rolling_outliers(
    _recording bigint, _metrics jsonb, _sensitivity double precision, _window_s double precision,
    _from timestamptz default null, _to timestamptz default null
)
returns table (sensor_type_id integer, axis text, recorded_at timestamptz)
language sql
stable
parallel safe
begin atomic
    with steps as (
        select
            v.sensor_type_id, v.axis, v.recorded_at,
            ((v.value - v.min) / (v.max - v.min) * 4294967294 - 2147483647)::integer as step
        from analytics.channel_values(_recording, _metrics, _from, _to) as v
        where v.value is not null
    ),
    windows as (
        select
            s.sensor_type_id, s.axis, s.recorded_at, s.step,
            count(*) over before as count, avg(s.step) over before as mean, stddev_samp(s.step) over before as std
        from steps as s
        window before as (
            partition by s.sensor_type_id, s.axis order by s.recorded_at
            range between make_interval(secs => _window_s) preceding and interval '1 microsecond' preceding  -- noqa: PRS
        )
    )
    select w.sensor_type_id, w.axis, w.recorded_at
    from windows as w
    -- Fewer than 10 values say too little about a deviation: its relative error is about 1 / sqrt(2 (n - 1)), 24 %.
    where w.count >= 10 and abs(w.step - w.mean) / nullif(w.std, 0) > _sensitivity::numeric;
end;

comment on function analytics.rolling_outliers(
    bigint, jsonb, double precision, double precision, timestamptz, timestamptz
) is
'Returns the readings of a recording that lie more than _sensitivity sample standard deviations from the mean of the '
'_window_s seconds before them. None where fewer than 10 readings arrived in that time, or all were equal. Values '
'are told apart down to a 4,294,967,294th of the range of their channel. _metrics: the rows of session_metrics() as '
'a JSON array.';
