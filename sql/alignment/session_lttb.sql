-- Axis by axis, as each has points of its own: read in the order of the primary key, chosen in one pass.
create or replace function analytics.session_lttb(
    _recording bigint, _sensor text, _from timestamptz default null, _to timestamptz default null,
    _points integer default 1000, _axes text[] default null
)
returns table (at timestamptz, axis text, value double precision)
language sql
stable
parallel safe
begin atomic
    with sensors as (
        select n.sensor_type_id, n.from_at
        from analytics.session_sensors as n
        where n.recording_id = _recording and n.sensor = _sensor
    ),
    archived as materialized (
        select m.axis, m.at, m.value
        from sensors as n
        cross join lateral (
            select r.axis, greatest(r.first_at, _from) as at, r.mean as value
            from app.rollups as r
            where r.is_archived and r.bucket_minutes = 1 and r.recording_id = _recording
                and r.sensor_type_id = n.sensor_type_id
                and r.last_at >= coalesce(_from, r.last_at) and r.first_at <= coalesce(_to, r.first_at)
            offset 0  -- noqa: AM09
        ) as m
    ),
    axes as materialized (
        select a.axis, max(a.place) as place
        from (
            select s.axis, s.place from app.stored_axes(_recording, array[_sensor], _from, _to) as s where s.place < 10
            union all
            select m.axis, null as place from archived as m
        ) as a
        where _axes is null or a.axis = any(_axes)
        group by a.axis
    )
    select lines.times[chosen.number + 1] as at, axes.axis, lines.values[chosen.number + 1] as value
    from axes
    cross join sensors
    cross join lateral (
        select
            array_agg(p.at order by p.at) as times, array_agg(p.value order by p.at) as values,
            array_agg(date_part('epoch', p.at - sensors.from_at) order by p.at) as seconds
        from (
            select d.recorded_at as at, d.value
            from app.axis_readings(_recording, sensors.sensor_type_id, axes.place, axes.axis, _from, _to) as d
            union all
            select m.at, m.value from archived as m where m.axis = axes.axis
        ) as p
    ) as lines
    cross join lateral unnest(analytics.lttb(lines.seconds, lines.values, _points)) as chosen (number)
    where _points >= 3
    order by axes.axis, lines.times[chosen.number + 1];
end;

comment on function analytics.session_lttb(bigint, text, timestamptz, timestamptz, integer, text[]) is
'One sensor of a recording as a line to draw: of each axis at most _points of its readings, at least 3, chosen by '
'lttb(), in the order of time. at, value: of a reading as it is stored, so that the shape of the line stays; for the '
'highest and the lowest value of each part there is session_series(). Axes are those of session_series(); _axes: only '
'these. _from, _to: only readings between these times, both included. Archived readings are a point per minute, their '
'mean at the time of the first of them: what rose and fell within a minute is gone. No rows: _points is below 3, or '
'there are no readings.';
