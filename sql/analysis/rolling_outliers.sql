-- PostgreSQL can take values out of a moving sum of integers, not out of one of doubles, which it would add up again
-- for each reading. So values are measured in steps of 1 / 4,294,967,294 of what their channel spans: a window that is
-- still has a deviation of exactly 0, and what is lost lies below the resolution of a sensor of 32 bits.
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
    where w.count >= 10 and abs(w.step - w.mean) / nullif(w.std, 0) > _sensitivity::numeric;
end;

comment on function analytics.rolling_outliers(
    bigint, jsonb, double precision, double precision, timestamptz, timestamptz
) is
'Readings of a session that lie more than _sensitivity sample deviations from the mean of the _window_s seconds '
'before them. None where fewer than 10 readings came in that time, or all were equal: values are told apart down to a '
'4,294,967,294th of what their channel spans. _metrics: the rows of session_metrics() as a JSON array.';
