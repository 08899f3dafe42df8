-- Mode global: needs only the means and deviations that session_metrics() found, so it is one scan.
create or replace function analytics.global_outliers(
    _recording bigint, _metrics jsonb, _sensitivity double precision, _from timestamptz default null,
    _to timestamptz default null
)
returns table (sensor_type_id integer, axis text, recorded_at timestamptz)
language sql
stable
parallel safe
begin atomic
    select v.sensor_type_id, v.axis, v.recorded_at
    from analytics.channel_values(_recording, _metrics, _from, _to) as v
    where abs(v.value - v.mean) / v.std > _sensitivity;
end;

comment on function analytics.global_outliers(bigint, jsonb, double precision, timestamptz, timestamptz) is
'Returns the readings of a recording that lie more than _sensitivity sample standard deviations from the mean of '
'their channel. _metrics: the rows of session_metrics() as a JSON array. session_anomalies() counts them.';
