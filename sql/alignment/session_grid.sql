-- Each reading reaches to the next one of its column; the rows between both lie on the line between them. Readings are
-- read once, whatever the number of columns and rows.
create or replace function analytics.session_grid(
    _recording bigint, _sensors text[], _step interval, _max_gap interval
)
returns table (at timestamptz, sensor text, axis text, value double precision)
language sql
stable
parallel safe
begin atomic
    with readings as (
        select s.sensor, d.recorded_at as at, a.axis, a.value
        from analytics.session_sensors as s
        join app.stored_session_readings(_recording, null, null) as d on d.sensor_type_id = s.sensor_type_id
        cross join lateral (
            values
                ('magnitude', d.magnitude), ('x', d.x), ('y', d.y), ('z', d.z), (s.value_key, d.value),
                ('latitude', d.latitude), ('longitude', d.longitude), ('altitude', d.altitude), ('speed', d.speed)
        ) as a (axis, value)
        where s.recording_id = _recording and s.sensor = any(_sensors) and a.value is not null
    ),
    reaches as (
        select r.*, lead(r.at) over w as next_at, lead(r.value) over w as next_value
        from readings as r
        window w as (partition by r.sensor, r.axis order by r.at)
    )
    select
        g.at, r.sensor, r.axis,
        case
            when g.at = r.at then r.value
            else r.value + (r.next_value - r.value)
                * (date_part('epoch', g.at - r.at) / date_part('epoch', r.next_at - r.at))
        end as value
    from reaches as r
    cross join lateral generate_series(
        date_bin(_step, r.at - interval '1 microsecond', timestamptz '1970-01-01 00:00Z') + _step,
        case when r.next_at - r.at <= _max_gap then r.next_at - interval '1 microsecond' else r.at end, _step
    ) as g (at)
    order by g.at, r.sensor, r.axis;
end;

comment on function analytics.session_grid(bigint, text[], interval, interval) is
'Sensors of a recording on a common time grid: one row per multiple of _step since 1970, sensor and axis that has a '
'value there. A row at a reading has its value; one between two readings that are at most _max_gap apart lies on the '
'line between them; otherwise there is no row. Neighbours are readings in which the axis is not NULL; the magnitude is '
'interpolated itself. Join the grid with itself on at, or aggregate with filter, for one column per sensor and axis. '
'_step: days at most. Longitudes are not carried over the 180th meridian.';
