-- Partials of the stored readings of a recording, one row per sensor and axis. Names the axes of column_moments(),
-- which every sensor has, and adds other_moments() for the sensors that need it. _columns: the rows of column_moments()
-- as a JSON array; NULL: they are looked up.
create or replace function app.stored_moments(
    _recording bigint, _from timestamptz, _to timestamptz, _columns jsonb default null
)
returns table (
    sensor_type_id integer, axis text, moments double precision[], min double precision, max double precision,
    place integer
)
language sql
stable
parallel safe
begin atomic
    with columns as materialized (
        select c.*
        from jsonb_to_recordset(coalesce(
            _columns, (select jsonb_agg(to_jsonb(m)) from analytics.column_moments(_recording, _from, _to) as m)
        )) as c (
            sensor_type_id integer, with_other bigint,
            x double precision[], x_min double precision, x_max double precision,
            y double precision[], y_min double precision, y_max double precision,
            z double precision[], z_min double precision, z_max double precision,
            magnitude double precision[], magnitude_min double precision, magnitude_max double precision,
            value double precision[], value_min double precision, value_max double precision
        )
    )
    select c.sensor_type_id, a.axis, a.moments, a.min, a.max, a.place
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
    where a.moments[1] > 0
    union all
    select o.sensor_type_id, o.axis, o.moments, o.min, o.max, app.axis_place(o.axis)
    from (select array_agg(c.sensor_type_id) as ids from columns as c where c.with_other > 0) as others
    cross join lateral app.other_moments(_recording, others.ids, _from, _to) as o
    where others.ids is not null;
end;
