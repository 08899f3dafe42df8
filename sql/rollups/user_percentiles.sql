-- The recordings of the user first, by their times. Of archived readings the hours that were kept, each in the
-- bucket in which it begins.
create or replace function analytics.user_percentiles(
    _user bigint, _from date default null, _to date default null, _width text default 'day',
    _fractions double precision[] default array[0.05, 0.25, 0.5, 0.75, 0.95], _timezone text default null,
    _sensor text default null, _axis text default null
)
returns table (
    bucket timestamptz, local_start timestamp, sensor text, axis text, sessions bigint, count bigint,
    percentiles double precision[], sketch jsonb
)
language sql
stable
parallel safe
begin atomic
    with buckets as materialized (
        select b.timezone, b.from_at, b.until_at, b.begins
        from app.user_buckets(_user, _from, _to, _timezone, _width) as b
    ),
    parts as materialized (
        select buckets.timezone, s.recording_id, m.sensor_type_id, m.bucket, m.place, m.axis, m.sketch
        from buckets
        join analytics.sessions as s
            on s.user_id = _user and s.last_reading_at >= buckets.from_at and s.first_reading_at < buckets.until_at
        cross join lateral (
            select min(n.sensor_type_id) as id, min(app.named_axis(_axis, n.value_key)) as place
            from analytics.session_sensors as n
            where n.recording_id = s.recording_id and n.sensor = _sensor
            offset 0  -- noqa: AM09
        ) as one
        cross join lateral (
            select both_sides.*
            from (
                select d.sensor_type_id, d.bucket, d.place, d.axis, d.sketch
                from app.stored_sketches(
                    s.recording_id, buckets.begins, greatest(buckets.from_at, s.first_reading_at),
                    least(buckets.until_at - interval '1 microsecond', s.last_reading_at), one.id,
                    case when one.place between 1 and 8 then one.place end
                ) as d
                union all
                select
                    a.sensor_type_id, buckets.begins[width_bucket(a.bucket, buckets.begins)], a.place, a.axis, a.sketch
                from app.archived_sketches as a
                where a.recording_id = s.recording_id and a.bucket_minutes = 60
                    and a.bucket >= buckets.from_at and a.bucket < buckets.until_at
                    and (one.id is null or a.sensor_type_id = one.id)
            ) as both_sides
            offset 0  -- noqa: AM09
        ) as m
        where (_sensor is null or one.id is not null) and (_axis is null or m.axis = _axis)
    ),
    merged as (
        select
            p.timezone, p.bucket, n.sensor, p.place, p.axis, count(distinct p.recording_id) as sessions,
            analytics.merged_sketch(p.sketch) as sketch
        from parts as p
        join analytics.session_sensors as n
            on n.recording_id = p.recording_id and n.sensor_type_id = p.sensor_type_id
        group by p.timezone, p.bucket, n.sensor, p.place, p.axis
    )
    select
        m.bucket, m.bucket at time zone m.timezone as local_start, m.sensor, m.axis, m.sessions,
        app.sketch_count(m.sketch) as count, app.approx_percentiles(m.sketch, _fractions) as percentiles, m.sketch
    from merged as m
    order by m.bucket, m.sensor, m.place, m.axis;
end;

comment on function analytics.user_percentiles(bigint, date, date, text, double precision[], text, text, text) is
'Percentiles of what a user recorded, per hour or day (_width: hour, day) of a time zone (_timezone: IANA name; by '
'default that of the user), from _from to _to, both included (as in user_period()): one row per bucket, sensor and '
'axis that has values. _sensor, _axis: of these only, which is faster; NULL: of all. Reads that user''s recordings '
'only. bucket, local_start, sessions: as in user_rollups(); count, percentiles, sketch: as in session_percentiles(). '
'Archived readings are included, by UTC hours: in a zone that differs from UTC by a part of an hour (India, Nepal), '
'each of these counts where it begins.';
