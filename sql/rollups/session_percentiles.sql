-- Days from hours only where readings are archived, as their days are kept.
create or replace function analytics.session_percentiles(
    _recording bigint, _bucket_minutes integer default 60,
    _fractions double precision[] default array[0.05, 0.25, 0.5, 0.75, 0.95]
)
returns table (
    sensor_type_id integer, sensor text, bucket timestamptz, place integer, axis text, count bigint,
    percentiles double precision[], sketch jsonb
)
language sql
stable
parallel safe
begin atomic
    select
        n.sensor_type_id, n.sensor, s.bucket, s.place, s.axis, s.count,
        app.approx_percentiles(s.sketch, _fractions) as percentiles, s.sketch
    from (
        select d.sensor_type_id, d.bucket, d.place, d.axis, d.count, d.sketch
        from (
            select app.bucket_starts(_bucket_minutes, r.first_reading_at, r.last_reading_at) as begins
            from analytics.sessions as r
            where r.recording_id = _recording
            -- Computed once, not per reading.
            offset 0  -- noqa: AM09
        ) as buckets
        cross join lateral app.stored_sketches(_recording, buckets.begins, null, null) as d
        union all
        select a.sensor_type_id, a.bucket, a.place, a.axis, app.sketch_count(a.sketch), a.sketch
        from app.archived_sketches as a
        where a.recording_id = _recording and a.bucket_minutes = _bucket_minutes
    ) as s
    join analytics.session_sensors as n on n.recording_id = _recording and n.sensor_type_id = s.sensor_type_id
    where _bucket_minutes in (60, 1440)
    order by n.sensor, s.bucket, s.place, s.axis;
end;

comment on function analytics.session_percentiles(bigint, integer, double precision[]) is
'Percentiles of one recording per bucket of 60 (hour) or 1440 (UTC day) minutes: one row per sensor, bucket and axis '
'that has values, axes as in analytics.session_rollup(). Archiving changes none of its rows. percentiles: one per '
'element of _fractions (0 to 1; 0.5: the median), within 1 % of the value at its rank, see approx_percentile(). '
'sketch: what merged_sketch() merges, for percentiles over several hours, axes or recordings. count: number of '
'values. No rows: no such session, or another width; hours and days that were archived before KooDTX kept sketches '
'have none.';
