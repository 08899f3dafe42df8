-- Mode robust: a median needs all values at once, so they are kept once instead of being read three times.
create or replace function analytics.robust_outliers(
    _recording bigint, _metrics jsonb, _sensitivity double precision, _from timestamptz default null,
    _to timestamptz default null
)
returns table (sensor_type_id integer, axis text, recorded_at timestamptz)
language sql
stable
parallel safe
begin atomic
    with channel_values as materialized (
        select v.sensor_type_id, v.axis, v.recorded_at, v.value
        from analytics.channel_values(_recording, _metrics, _from, _to) as v
        where v.value is not null
    ),
    medians as (
        select v.sensor_type_id, v.axis, percentile_cont(0.5) within group (order by v.value) as median
        from channel_values as v
        group by v.sensor_type_id, v.axis
    ),
    scales as (
        select
            m.sensor_type_id, m.axis, m.median,
            -- 1 / the third quartile of the normal distribution: so scaled, it estimates the standard deviation.
            1.4826 * percentile_cont(0.5) within group (order by abs(v.value - m.median)) as scale
        from medians as m
        join channel_values as v on v.sensor_type_id = m.sensor_type_id and v.axis = m.axis
        group by m.sensor_type_id, m.axis, m.median
    )
    select v.sensor_type_id, v.axis, v.recorded_at
    from scales as s
    join channel_values as v on v.sensor_type_id = s.sensor_type_id and v.axis = s.axis
    where abs(v.value - s.median) / nullif(s.scale, 0) > _sensitivity;
end;

comment on function analytics.robust_outliers(bigint, jsonb, double precision, timestamptz, timestamptz) is
'Returns the readings of a recording that lie more than _sensitivity times 1.4826 MAD from the median of their '
'channel; MAD is the median distance from the median (Iglewicz and Hoaglin 1993). None where MAD is 0, that is where '
'half of the values are equal. Outliers move a median less than a mean. _metrics: the rows of session_metrics() as a '
'JSON array.';
