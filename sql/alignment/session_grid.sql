-- Each reading reaches to the next one of its column; the rows between both lie on the line between them. Columns are
-- read one after another, each in the order of the primary key, so that nothing is sorted. A row per column, as SQL
-- must know the columns of a function before it runs. Times are whole microseconds: multiples of a step are exact.
create or replace function analytics.session_grid(
    _recording bigint, _sensors text[], _step interval, _max_gap interval, _axes text[] default null
)
returns table (at timestamptz, sensor text, axis text, value double precision)
language sql
stable
parallel safe
begin atomic
    with span as (
        select
            n.sensor_type_id, n.sensor, n.value_key,
            -- At most 30,000 years, as infinity is not a bigint; that is also what NULL comes to.
            (least(date_part('epoch', _step), 1e12) * 1000000)::bigint as step,
            (least(date_part('epoch', _max_gap), 1e12) * 1000000)::bigint as gap,
            (date_part('epoch', min(first.at) over ()) * 1000000)::bigint as from_micros,
            (date_part('epoch', max(last.at) over ()) * 1000000)::bigint as to_micros
        from analytics.session_sensors as n
        cross join lateral (
            select d.recorded_at as at
            from app.stored_session_readings(_recording, null, null) as d
            where d.sensor_type_id = n.sensor_type_id
            order by d.recorded_at
            limit 1
        ) as first
        cross join lateral (
            select d.recorded_at as at
            from app.stored_session_readings(_recording, null, null) as d
            where d.sensor_type_id = n.sensor_type_id
            order by d.recorded_at desc
            limit 1
        ) as last
        where n.recording_id = _recording and n.sensor = any(_sensors) and _step > interval '0'
    ),
    columns as materialized (
        select s.*, a.axis, coalesce(a.place, app.named_axis(a.axis, s.value_key)) as place
        from span as s
        join (
            select n.sensor, u.axis, null::integer as place
            from unnest(_sensors) as n (sensor)
            cross join unnest(_axes) as u (axis)
            union
            select p.sensor, p.axis, p.place
            from app.stored_axes(_recording, _sensors) as p
            where _axes is null
        ) as a on a.sensor = s.sensor
    ),
    reaches as (
        select
            c.sensor, c.axis, c.step, c.gap, r.micros, r.value, r.next_micros, r.next_value,
            (case when r.is_first then c.from_micros else r.micros end + c.step - 1) / c.step as from_number,
            (coalesce(r.next_micros - 1, c.to_micros)) / c.step as to_number
        from columns as c
        cross join lateral (
            select
                v.micros, v.value, lead(v.micros) over by_time as next_micros, lead(v.value) over by_time as next_value,
                row_number() over by_time = 1 as is_first
            from (
                select d.recorded_at, d.value, (date_part('epoch', d.recorded_at) * 1000000)::bigint as micros
                from app.axis_readings(_recording, c.sensor_type_id, c.place, c.axis, null, null) as d
            ) as v
            window by_time as (order by v.recorded_at)
        ) as r
    ),
    numbered as (
        select r.*, generate_series(r.from_number, r.to_number) * r.step as at
        from reaches as r
        where r.from_number <= r.to_number
    )
    select
        to_timestamp(n.at / 1000000.0::double precision) as at, n.sensor, n.axis,
        case
            when n.at = n.micros then n.value
            when n.at > n.micros and n.next_micros - n.micros <= n.gap
                then n.value + (n.next_value - n.value)
                * ((n.at - n.micros)::double precision / (n.next_micros - n.micros))
        end as value
    from numbered as n;
end;

comment on function analytics.session_grid(bigint, text[], interval, interval, text[]) is
'Sensors of a recording on a common time grid: one row per multiple of _step since 1970, from the earliest to the '
'latest stored reading of _sensors, and per sensor and axis that has values, in no order. value: at a reading its own; '
'between two readings at most _max_gap apart (NULL: however far) on the line between them; otherwise NULL. Neighbours '
'are readings in which the axis is not NULL; the magnitude is interpolated itself. _axes: only these, such as '
'magnitude, speed, pressure, latitude, which is faster; NULL: all except bearing. For one column per sensor and axis: '
'max(value) filter (where sensor = ... and axis = ...), grouped by at. A month of _step is 30 days. Longitudes are '
'interpolated across the 180th meridian the long way round. No rows: _step is not positive, or no readings are stored: '
'archived readings are not on the grid.';
