-- One scan, in parallel where that pays. Only the axes of motion sensors and value: aggregates of columns that few
-- sensors fill would slow down every reading. In analytics, as session_analysis() looks it up when it runs, with the
-- rights of the caller.
create or replace function analytics.column_moments(
    _recording bigint, _from timestamptz default null, _to timestamptz default null
)
returns table (
    sensor_type_id integer, with_other bigint, with_extra bigint, with_position bigint,
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
    -- Materialized, so that the session is looked up after the readings were counted, not beside each of them.
    with found as materialized (
        select
            d.sensor_type_id, count(coalesce(d.altitude, d.accuracy, d.speed)) + count(d.extra) as with_other,
            count(d.extra) as with_extra, count(d.latitude) as with_position,
            analytics.moments(d.x) as x, min(d.x) as x_min, max(d.x) as x_max,
            analytics.moments(d.y) as y, min(d.y) as y_min, max(d.y) as y_max,
            analytics.moments(d.z) as z, min(d.z) as z_min, max(d.z) as z_max,
            -- Roots of two numbers instead of two million.
            analytics.moments(sqrt(d.square)) as magnitude,
            sqrt(min(d.square)) as magnitude_min, sqrt(max(d.square)) as magnitude_max,
            analytics.moments(d.value) as value, min(d.value) as value_min, max(d.value) as value_max
        from (
            select
                r.sensor_type_id, r.x, r.y, r.z, r.x * r.x + r.y * r.y + r.z * r.z as square, r.value, r.latitude,
                r.altitude, r.accuracy, r.speed, r.extra
            from app.stored_session_readings(_recording, _from, _to) as r
            -- So that the square is computed once per reading, not three times: a tenth of the whole.
            offset 0  -- noqa: AM09
        ) as d
        group by d.sensor_type_id
    )
    select f.*
    from found as f
    where exists (select from analytics.sessions as s where s.recording_id = _recording);
end;

comment on function analytics.column_moments(bigint, timestamptz, timestamptz) is
'Partials of the axes of a recording: one row per sensor. x, y, z, magnitude, value: {n, sum, m2} as by '
'analytics.moments(); ..._min, ..._max: the smallest and the largest value, NULL: there is none. with_other: more than '
'0 if any reading has more than x, y, z and value; with_extra: number of readings that have extra; with_position: that '
'have a latitude. _from, _to: only readings between these times. session_metrics() is easier to read.';
