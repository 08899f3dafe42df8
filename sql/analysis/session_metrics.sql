-- Names the axes of column_moments(), which every sensor has, and adds other_moments() for the sensors that need it.
create or replace function analytics.session_metrics(
    _recording bigint, _from timestamptz default null, _to timestamptz default null
)
returns table (
    sensor_type_id integer, sensor text, axis text, count bigint, mean double precision, std double precision,
    min double precision, max double precision, peak_to_peak double precision, is_channel boolean, place integer
)
language sql
stable
parallel safe
begin atomic
    with columns as materialized (
        select m.* from app.column_moments(_recording, _from, _to) as m
    ),
    axes as (
        select c.sensor_type_id, a.*
        from columns as c
        join analytics.session_sensors as s on s.recording_id = _recording and s.sensor_type_id = c.sensor_type_id
        cross join lateral (
            values
                ('magnitude', c.magnitude, c.magnitude_min, c.magnitude_max, 1),
                ('x', c.x, c.x_min, c.x_max, 2),
                ('y', c.y, c.y_min, c.y_max, 3),
                ('z', c.z, c.z_min, c.z_max, 4),
                (s.value_key, c.value, c.value_min, c.value_max, 5)
        ) as a (axis, moments, min, max, place)
        -- A sensor whose value is called magnitude and that has axes too: the computed one goes first.
        where not (a.place = 5 and a.axis = 'magnitude' and c.magnitude[1] > 0)
        union all
        select
            o.sensor_type_id, o.axis, o.moments, o.min, o.max,
            case o.axis when 'speed' then 6 when 'altitude' then 7 when 'accuracy' then 8 else 9 end
        from (select array_agg(c.sensor_type_id) as ids from columns as c where c.with_other > 0) as others
        cross join lateral app.other_moments(_recording, others.ids, _from, _to) as o
        where others.ids is not null
    )
    select
        a.sensor_type_id, s.sensor, a.axis, a.moments[1]::bigint as count,
        -- Rounding would give equal values another mean and a deviation that is not 0.
        case when a.min = a.max then a.min else float8_avg(a.moments) end as mean,
        case when a.min < a.max or a.moments[1] = 1 then float8_stddev_samp(a.moments) else 0 end as std,
        a.min, a.max, a.max - a.min as peak_to_peak,
        a.place not in (2, 3, 4) or not coalesce(bool_or(a.place = 1) over (partition by a.sensor_type_id), false)
        as is_channel,
        a.place
    from axes as a
    join analytics.session_sensors as s on s.recording_id = _recording and s.sensor_type_id = a.sensor_type_id
    where a.moments[1] > 0
    order by s.sensor, a.place, a.axis;
end;

comment on function analytics.session_metrics(bigint, timestamptz, timestamptz) is
'What each sensor of a recording measured: one row per sensor and axis. count: number of values; mean, std (sample '
'standard deviation, n - 1), min, max, peak_to_peak (max - min): in the unit the phone sent; std NULL: a single '
'value. Axes: x, y, z, magnitude (sqrt(x2 + y2 + z2), of readings that have all three), the value of sensors with '
'one (named as the phone calls it: pressure, heart_rate, ...), speed, altitude, accuracy, and the numeric keys of '
'extra (the 32 that most readings have; size 0 or 1e-100 to 1e100). is_channel: session_anomalies() examines it (not '
'x, y, z of a sensor with a magnitude). place: the order in which axes are shown. Latitude, longitude and bearing '
'have no row: they wrap around, so their mean has no meaning. _from, _to: only readings between these times.';
