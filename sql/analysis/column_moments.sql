-- One scan, in parallel where that pays. Aggregates of a motion sensor only: those of the columns that few sensors
-- fill would cost every reading.
create or replace function analytics.column_moments(
    _session bigint, _from timestamptz default null, _to timestamptz default null
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
    from analytics.session_readings(_session, _from, _to) as d
    group by d.sensor_type_id;
end;

comment on function analytics.column_moments(bigint, timestamptz, timestamptz) is
'Partials of the axes of a session, a row a sensor: for each axis {n, sum, m2} as by analytics.moments(), least and '
'greatest value. with_other: readings that have more than x, y, z and value. analytics.session_metrics() reads '
'easier.';
