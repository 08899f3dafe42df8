-- Only minima and maxima, so that no peak is lost however few the points. From rollups per minute where parts are wide
-- enough or the readings are archived; what has rollups only when archived (altitude, accuracy, keys of extra) from
-- readings as long as they are stored.
create or replace function analytics.session_series(
    _recording bigint, _sensor text, _from timestamptz default null, _to timestamptz default null,
    _points integer default 1000
)
returns table (at timestamptz, axis text, count bigint, min double precision, max double precision)
language sql
stable
parallel safe
begin atomic
    with span as (
        select
            n.sensor_type_id, n.value_key, t.from_at, t.to_at, w.width_s,
            -- A minute is drawn where it begins: in parts of ten minutes that shifts a reading by a tenth of a part at
            -- most, which no chart shows.
            w.width_s >= 600 as is_coarse
        from analytics.session_sensors as n
        cross join lateral (
            select
                coalesce(case when isfinite(_from) then _from end, n.from_at) as from_at,
                coalesce(case when isfinite(_to) then _to end, n.to_at) as to_at
        ) as t
        -- A width of 0 would divide by it.
        cross join lateral (
            select greatest(date_part('epoch', t.to_at - t.from_at), 1e-6) / _points as width_s
        ) as w
        where n.recording_id = _recording and n.sensor = _sensor and _points > 0 and t.from_at <= t.to_at
    ),
    minutes as (
        select
            -- Bounded before it becomes an integer: parts may be a nanosecond wide.
            least(
                greatest(floor(date_part('epoch', m.at - span.from_at) / span.width_s), 0), _points - 1
            )::integer as bucket,
            m.place, m.axis, m.count, m.min, m.max
        from span
        cross join lateral (
            select
                case when span.is_coarse then r.bucket else r.first_at end as at,
                r.place, r.axis, r.count, r.min, r.max
            from app.rollups as r
            where r.bucket_minutes = 1 and r.recording_id = _recording and r.sensor_type_id = span.sensor_type_id
                and r.bucket > span.from_at - interval '1 minute' and r.bucket <= span.to_at
                and r.last_at >= span.from_at and r.first_at <= span.to_at
                and (r.is_archived or span.is_coarse)
            -- Planned by itself, with the values of span as if they were constants.
            offset 0  -- noqa: AM09
        ) as m
    ),
    readings as not materialized (
        select
            d.*, span.value_key as key, span.is_coarse,
            least(
                greatest(floor(date_part('epoch', d.at - span.from_at) / span.width_s), 0), _points - 1
            )::integer as bucket
        from span
        cross join lateral (
            select
                r.*,
                -- Drawn where archiving will leave it.
                case
                    when span.is_coarse then greatest(analytics.bucket_start(1, r.recorded_at), span.from_at)
                    else r.recorded_at
                end as at
            from app.stored_session_readings(_recording, _from, _to) as r
            where r.sensor_type_id = span.sensor_type_id
        ) as d
        where not span.is_coarse or coalesce(d.altitude, d.accuracy) is not null or d.extra is not null
    ),
    columns as (
        select
            r.bucket, r.key, r.is_coarse,
            count(r.magnitude) as n1, min(r.magnitude) as min1, max(r.magnitude) as max1,
            count(r.x) as n2, min(r.x) as min2, max(r.x) as max2,
            count(r.y) as n3, min(r.y) as min3, max(r.y) as max3,
            count(r.z) as n4, min(r.z) as min4, max(r.z) as max4,
            count(r.value) as n5, min(r.value) as min5, max(r.value) as max5,
            count(r.speed) as n6, min(r.speed) as min6, max(r.speed) as max6,
            count(r.altitude) as n7, min(r.altitude) as min7, max(r.altitude) as max7,
            count(r.accuracy) as n8, min(r.accuracy) as min8, max(r.accuracy) as max8
        from readings as r
        group by r.bucket, r.key, r.is_coarse
    ),
    extras as (
        select r.bucket, e.axis, count(*) as count, min(e.number) as min, max(e.number) as max
        from readings as r
        cross join lateral analytics.extra_axes(r.extra, r.key) as e
        where r.extra is not null
        group by r.bucket, e.axis
        union all
        select m.bucket, m.axis, m.count, m.min, m.max from minutes as m where m.place = 9
    ),
    points as (
        select c.bucket, a.axis, a.count, a.min, a.max
        from columns as c
        cross join lateral (
            values
                ('magnitude', c.n1, c.min1, c.max1), ('x', c.n2, c.min2, c.max2), ('y', c.n3, c.min3, c.max3),
                ('z', c.n4, c.min4, c.max4), (c.key, c.n5, c.min5, c.max5), ('speed', c.n6, c.min6, c.max6),
                ('altitude', c.n7, c.min7, c.max7), ('accuracy', c.n8, c.min8, c.max8)
        ) as a (axis, count, min, max)
        where a.count > 0 and (not c.is_coarse or a.axis in ('altitude', 'accuracy'))
        union all
        select m.bucket, m.axis, m.count, m.min, m.max from minutes as m where m.place < 9
        union all
        select e.bucket, e.axis, e.count, e.min, e.max from extras as e
        where e.axis in (
            select m.axis from extras as m group by m.axis order by sum(m.count) desc, m.axis collate "C"
            limit app.extra_axis_limit()
        )
    )
    select
        span.from_at + make_interval(secs => span.width_s * p.bucket) as at, p.axis, sum(p.count)::bigint as count,
        min(p.min) as min, max(p.max) as max
    from points as p
    cross join span
    group by span.from_at, span.width_s, p.bucket, p.axis
    order by p.bucket, p.axis;
end;

comment on function analytics.session_series(bigint, text, timestamptz, timestamptz, integer) is
'One sensor of a recording as a chart needs it: the time from _from to _to (by default all of it) is cut into _points '
'equal parts. One row per part and axis that has values: at: start of the part; count: number of values; min, max: in '
'the unit the phone sent. Axes are named as by session_metrics(); of the keys of extra the 32 that most readings have '
'in that time. Parts of ten minutes or longer are drawn from whole minutes that have readings in the time, each where '
'it begins; archived days in smaller parts from whole minutes too, each where its first reading lies.';
