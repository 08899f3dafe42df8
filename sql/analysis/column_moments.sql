-- Partials of the axes of a session, a row a sensor: of each axis {n, sum, m2} as by analytics.moments(), least and
-- greatest value. with_other: more than 0 if any reading has more than x, y, z and value.
-- One scan, in parallel where that pays. Aggregates of a motion sensor only: those of the columns that few sensors
-- fill would cost every reading. In app for the reason of app.stored_session_readings().
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
        d.sensor_type_id, count(coalesce(d.altitude, d.accuracy, d.speed)) + count(d.extra),
        analytics.moments(d.x), min(d.x), max(d.x),
        analytics.moments(d.y), min(d.y), max(d.y),
        analytics.moments(d.z), min(d.z), max(d.z),
        -- Roots are taken of two numbers instead of two million.
        analytics.moments(d.magnitude), sqrt(min(d.x * d.x + d.y * d.y + d.z * d.z)),
        sqrt(max(d.x * d.x + d.y * d.y + d.z * d.z)),
        analytics.moments(d.value), min(d.value), max(d.value)
    from app.stored_session_readings(_recording, _from, _to) as d
    group by d.sensor_type_id;
end;
