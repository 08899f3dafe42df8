-- Partials of what the readings of the given sensors hold beside x, y, z and value: speed, altitude, accuracy, and the
-- numeric keys of extra, as many as app.extra_axis_limit() allows, those of most readings first. In app for the reason
-- of app.stored_session_readings().
create or replace function app.other_moments(
    _recording bigint, _sensor_type_ids integer[], _from timestamptz default null, _to timestamptz default null
)
returns table (
    sensor_type_id integer, axis text, moments double precision[], min double precision, max double precision
)
language sql
stable
parallel safe
begin atomic
    with found as (
        select
            d.sensor_type_id, other.axis, analytics.moments(other.number) as moments,
            min(other.number) as min, max(other.number) as max,
            row_number() over (
                partition by d.sensor_type_id, other.is_extra order by count(*) desc, other.axis collate "C"
            ) as place
        from app.stored_session_readings(_recording, _from, _to) as d
        cross join lateral (
            select c.axis, c.number, false as is_extra
            from (values ('speed', d.speed), ('altitude', d.altitude), ('accuracy', d.accuracy)) as c (axis, number)
            union all
            select e.axis, e.number, true from analytics.extra_axes(d.extra, d.value_key) as e
        ) as other
        where d.sensor_type_id = any(_sensor_type_ids) and other.number is not null
        group by d.sensor_type_id, other.axis, other.is_extra
    )
    select found.sensor_type_id, found.axis, found.moments, found.min, found.max
    from found
    where found.place <= app.extra_axis_limit();
end;
