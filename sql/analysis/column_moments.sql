-- Partials of the axes of a recording, one row per sensor: of each axis {n, sum, m2} as by analytics.moments(), the
-- smallest and the largest value. with_other: more than 0 if any reading has more than x, y, z and value. One scan, in
-- parallel where that pays. Only the axes of motion sensors and value: aggregates of columns that few sensors fill
-- would slow down every reading. In app for the reason given in app.stored_session_readings().
create or replace function app.column_moments(
    _recording bigint, _from timestamptz default null, _to timestamptz default null
)
returns table (
    sensor_type_id integer, with_other bigint,
    x double precision[], x_min double precision, x_max double precision,
    y double precision[], y_min double precision, y_max double precision,
    z double precision[], z_min double precision, z_max double precision,
    magnitude double precision[], magnitude_min double precision, magnitude_max double precision,
    value double precision[], value_min double precision, value_max double precision
)
language sql
stable
parallel safe
begin atomic
    select
        d.sensor_type_id, count(coalesce(d.altitude, d.accuracy, d.speed)) + count(d.extra) as with_other,
        analytics.moments(d.x) as x, min(d.x) as x_min, max(d.x) as x_max,
        analytics.moments(d.y) as y, min(d.y) as y_min, max(d.y) as y_max,
        analytics.moments(d.z) as z, min(d.z) as z_min, max(d.z) as z_max,
        analytics.moments(d.magnitude) as magnitude,
        -- Roots of two numbers instead of two million.
        sqrt(min(d.x * d.x + d.y * d.y + d.z * d.z)) as magnitude_min,
        sqrt(max(d.x * d.x + d.y * d.y + d.z * d.z)) as magnitude_max,
        analytics.moments(d.value) as value, min(d.value) as value_min, max(d.value) as value_max
    from app.stored_session_readings(_recording, _from, _to) as d
    group by d.sensor_type_id;
end;
