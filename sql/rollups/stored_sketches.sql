-- Sketches of the stored readings of a recording per bucket, of the axes that session_rollup() has. place: as in
-- app.rollups. Values are counted per bucket of the sketch first, so that memory is needed for buckets, not for values.
-- Columns are unnested in the select list, as a lateral join with values takes twice as long (measured). In app for the
-- reason of app.stored_session_readings().
create or replace function app.stored_sketches(
    _recording bigint, _bucket_minutes integer, _from timestamptz, _to timestamptz
)
returns table (sensor_type_id integer, bucket timestamptz, place integer, axis text, count bigint, sketch jsonb)
language sql
stable
parallel safe
begin atomic
    with counts as materialized (
        select n.sensor_type_id, n.bucket, n.place, n.axis, n.sketch_bucket, count(*) as count
        from (
            select
                d.sensor_type_id, d.bucket, unnest(array[1, 2, 3, 4, 5, 6, 7, 8]) as place,
                null as axis,
                unnest(array[
                    analytics.sketch_bucket(d.magnitude), analytics.sketch_bucket(d.x), analytics.sketch_bucket(d.y),
                    analytics.sketch_bucket(d.z), analytics.sketch_bucket(d.value), analytics.sketch_bucket(d.speed),
                    analytics.sketch_bucket(d.altitude), analytics.sketch_bucket(d.accuracy)
                ]) as sketch_bucket
            from (
                select
                    r.sensor_type_id, analytics.bucket_start(_bucket_minutes, r.recorded_at) as bucket, r.magnitude,
                    r.x, r.y, r.z, r.value, r.speed, r.altitude, r.accuracy
                from app.stored_session_readings(_recording, _from, _to) as r
                -- Computed once per reading, not once per place where they stand.
                offset 0  -- noqa: AM09
            ) as d
            union all
            select
                r.sensor_type_id, analytics.bucket_start(_bucket_minutes, r.recorded_at), 9, e.axis,
                analytics.sketch_bucket(e.number)
            from app.stored_session_readings(_recording, _from, _to) as r
            cross join lateral analytics.extra_axes(r.extra, r.value_key) as e
            where r.extra is not null
        ) as n
        where n.sketch_bucket is not null
        group by n.sensor_type_id, n.bucket, n.place, n.axis, n.sketch_bucket
    ),
    axes as (
        select
            c.sensor_type_id, c.place, c.axis,
            row_number() over (
                partition by c.sensor_type_id, c.place = 9 order by sum(c.count) desc, c.axis collate "C"
            ) as rank
        from counts as c
        group by c.sensor_type_id, c.place, c.axis
    )
    select
        c.sensor_type_id, c.bucket, c.place,
        coalesce(
            c.axis, (array['magnitude', 'x', 'y', 'z', n.value_key, 'speed', 'altitude', 'accuracy'])[c.place]
        ) as axis,
        sum(c.count)::bigint as count, jsonb_object_agg(c.sketch_bucket, c.count) as sketch
    from counts as c
    join axes as a
        on a.sensor_type_id = c.sensor_type_id and a.place = c.place and a.axis is not distinct from c.axis
    join analytics.session_sensors as n on n.recording_id = _recording and n.sensor_type_id = c.sensor_type_id
    where a.rank <= app.extra_axis_limit()
    group by c.sensor_type_id, c.bucket, c.place, c.axis, n.value_key;
end;
