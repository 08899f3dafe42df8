-- All axes of one recording, before and after archiving. What has no column in the partials is computed from the stored
-- readings by what archives it.
create or replace function analytics.session_rollup(_recording bigint, _bucket_minutes integer default 60)
returns table (
    sensor_type_id integer, sensor text, bucket timestamptz, place integer, axis text, count bigint,
    mean double precision, std double precision, min double precision, max double precision,
    moments double precision[]
)
language sql
stable
parallel safe
begin atomic
    select
        r.sensor_type_id, r.sensor, r.bucket, r.place, r.axis, r.count, r.mean, r.std, r.min, r.max, r.moments
    from app.rollups as r
    where r.recording_id = _recording and r.bucket_minutes = _bucket_minutes
    union all
    select
        e.sensor_type_id, n.sensor, e.bucket, e.place, e.axis, e.moments[1]::bigint, float8_avg(e.moments),
        float8_stddev_samp(e.moments), e.min, e.max, e.moments
    from (
        select
            p.sensor_type_id, analytics.bucket_start(_bucket_minutes, p.bucket) as bucket, p.place, p.axis,
            analytics.merged_moments(p.moments) as moments, min(p.min) as min, max(p.max) as max
        from app.extra_partials(_recording, null, null) as p
        group by p.sensor_type_id, analytics.bucket_start(_bucket_minutes, p.bucket), p.place, p.axis
    ) as e
    join analytics.session_sensors as n on n.recording_id = _recording and n.sensor_type_id = e.sensor_type_id
    where _bucket_minutes in (1, 60, 1440);
end;

comment on function analytics.session_rollup(bigint, integer) is
'Mean and deviation of one recording per bucket of 1 (minute), 60 (hour) or 1440 (UTC day) minutes: one row per '
'sensor, bucket and axis that has values, columns as in analytics.rollup_hour. Unlike that view it has all axes of '
'session_metrics() from the first reading on: also altitude, accuracy and the numeric keys of extra, which the views '
'have of archived readings only. Archiving changes none of its rows. No rows: no such session, or another width.';
