-- The axes on which the stored readings of a recording have values, in one scan.
create or replace function app.stored_axes(
    _recording bigint, _sensors text[], _from timestamptz default null, _to timestamptz default null
)
returns table (sensor_type_id integer, sensor text, place integer, axis text)
language sql
stable
parallel safe
begin atomic
    with columns as (
        select
            n.sensor_type_id, n.sensor, n.value_key, count(d.magnitude) as n1, count(d.x) as n2, count(d.y) as n3,
            count(d.z) as n4, count(d.value) as n5, count(d.speed) as n6, count(d.altitude) as n7,
            count(d.accuracy) as n8, count(d.latitude) as n10, count(d.longitude) as n11, count(d.extra) as extras
        from analytics.session_sensors as n
        join app.stored_session_readings(_recording, _from, _to) as d on d.sensor_type_id = n.sensor_type_id
        where n.recording_id = _recording and n.sensor = any(_sensors)
        group by n.sensor_type_id, n.sensor, n.value_key
    ),
    extras as (
        select
            c.sensor_type_id, c.sensor, e.axis,
            row_number() over (partition by c.sensor_type_id order by count(*) desc, e.axis collate "C") as rank
        from columns as c
        join app.stored_session_readings(_recording, _from, _to) as d on d.sensor_type_id = c.sensor_type_id
        cross join lateral analytics.extra_axes(d.extra, c.value_key) as e
        where c.extras > 0 and d.extra is not null
        group by c.sensor_type_id, c.sensor, e.axis
    )
    select c.sensor_type_id, c.sensor, a.place, app.axis_name(a.place, c.value_key) as axis
    from columns as c
    cross join lateral (
        values
            (1, c.n1), (2, c.n2), (3, c.n3), (4, c.n4), (5, c.n5), (6, c.n6), (7, c.n7), (8, c.n8), (10, c.n10),
            (11, c.n11)
    ) as a (place, count)
    where a.count > 0
    union all
    select e.sensor_type_id, e.sensor, 9 as place, e.axis
    from extras as e
    where e.rank <= app.extra_axis_limit();
end;
