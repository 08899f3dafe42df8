-- Sketches of the stored readings of a recording per bucket, of the axes that session_rollup() has. Buckets are given
-- by their beginnings, in order; no reading may come before the first. place: as in app.rollups. _sensor_type_id: of
-- this sensor only, _place: of this axis only, from 1 to 8; NULL: of all. In app for the reason of
-- app.stored_session_readings().
-- Values are counted per bucket of the sketch first, so that memory is needed for buckets, not for values. Columns are
-- unnested in the select list, and place and bucket of the sketch are one number (200000 * place + bucket): a lateral
-- join with values takes twice as long, a number more a sixth longer (measured).
create or replace function app.stored_sketches(
    _recording bigint, _begins timestamptz[], _from timestamptz, _to timestamptz,
    _sensor_type_id integer default null, _place integer default null
)
returns table (sensor_type_id integer, bucket timestamptz, place integer, axis text, count bigint, sketch jsonb)
language sql
stable
parallel safe
begin atomic
    with columns as (
        select n.sensor_type_id, n.bucket, n.number, count(*) as count
        from (
            select
                d.sensor_type_id, d.bucket,
                unnest(
                    case
                        when _place is not null
                            then array[
                                200000 * _place + analytics.sketch_bucket(analytics.axis_value(
                                    _place, null, d.magnitude, d.x, d.y, d.z, d.value, d.speed, d.altitude, d.accuracy,
                                    null
                                ))
                            ]
                        -- Most readings have three axes and nothing else.
                        when coalesce(d.value, d.speed, d.altitude, d.accuracy) is null
                            then array[
                                200000 + analytics.sketch_bucket(d.magnitude), 400000 + analytics.sketch_bucket(d.x),
                                600000 + analytics.sketch_bucket(d.y), 800000 + analytics.sketch_bucket(d.z)
                            ]
                        else array[
                            200000 + analytics.sketch_bucket(d.magnitude), 400000 + analytics.sketch_bucket(d.x),
                            600000 + analytics.sketch_bucket(d.y), 800000 + analytics.sketch_bucket(d.z),
                            1000000 + analytics.sketch_bucket(d.value), 1200000 + analytics.sketch_bucket(d.speed),
                            1400000 + analytics.sketch_bucket(d.altitude), 1600000 + analytics.sketch_bucket(d.accuracy)
                        ]
                    end
                ) as number
            from (
                select
                    r.sensor_type_id, width_bucket(r.recorded_at, _begins) as bucket, r.magnitude, r.x, r.y, r.z,
                    r.value, r.speed, r.altitude, r.accuracy
                from app.stored_session_readings(_recording, _from, _to) as r
                where _sensor_type_id is null or r.sensor_type_id = _sensor_type_id
                -- Computed once per reading, not once per axis.
                offset 0  -- noqa: AM09
            ) as d
        ) as n
        where n.number is not null
        group by n.sensor_type_id, n.bucket, n.number
    ),
    counts as materialized (
        select
            c.sensor_type_id, c.bucket, p.place, null as axis, c.number - 200000 * p.place as sketch_bucket, c.count
        from columns as c
        cross join lateral (select (c.number + 100000) / 200000 as place) as p
        union all
        select
            r.sensor_type_id, width_bucket(r.recorded_at, _begins), 9, e.axis, analytics.sketch_bucket(e.number),
            count(*)
        from app.stored_session_readings(_recording, _from, _to) as r
        cross join lateral analytics.extra_axes(r.extra, r.value_key) as e
        where r.extra is not null and _place is null and (_sensor_type_id is null or r.sensor_type_id = _sensor_type_id)
            and analytics.sketch_bucket(e.number) is not null
        group by
            r.sensor_type_id, width_bucket(r.recorded_at, _begins), e.axis, analytics.sketch_bucket(e.number)
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
        c.sensor_type_id, _begins[c.bucket] as bucket, c.place,
        coalesce(c.axis, app.axis_name(c.place, n.value_key)) as axis, sum(c.count)::bigint as count,
        jsonb_object_agg(c.sketch_bucket, c.count) as sketch
    from counts as c
    join axes as a
        on a.sensor_type_id = c.sensor_type_id and a.place = c.place and a.axis is not distinct from c.axis
    join analytics.session_sensors as n on n.recording_id = _recording and n.sensor_type_id = c.sensor_type_id
    where a.rank <= app.extra_axis_limit()
    group by c.sensor_type_id, c.bucket, c.place, c.axis, n.value_key;
end;
