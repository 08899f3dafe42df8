-- At most _limit readings of one sensor of a session between two times, in order, by columns of the same length: the
-- numbers of each column in binary form, NaN for a reading without one, as no stored number is NaN. NULL: no reading
-- has one. extras: `extra` as text; NULL: no reading has it.
create or replace function app.readings_packed(
    _recording_id bigint, _sensor_type_id integer, _from timestamptz, _to timestamptz, _limit integer
)
returns table (
    readings bigint, last_at timestamptz, recorded_at bytea,
    x bytea, y bytea, z bytea, value bytea, latitude bytea, longitude bytea, altitude bytea,
    accuracy bytea, speed bytea, bearing bytea, extras text[]
)
language sql
stable
begin atomic
    with slice as (
        select d.*
        from app.sensor_data as d
        where d.recording_id = _recording_id::integer and d.sensor_type_id = _sensor_type_id
            and d.recorded_at between _from and _to
        order by d.recorded_at
        limit _limit
    )
    -- Aggregates without an order of their own keep the input's.
    select
        count(*), max(s.recorded_at), string_agg(timestamptz_send(s.recorded_at), ''),
        case when count(s.x) > 0 then string_agg(float8send(coalesce(s.x, 'NaN')), '') end,
        case when count(s.y) > 0 then string_agg(float8send(coalesce(s.y, 'NaN')), '') end,
        case when count(s.z) > 0 then string_agg(float8send(coalesce(s.z, 'NaN')), '') end,
        case when count(s.value) > 0 then string_agg(float8send(coalesce(s.value, 'NaN')), '') end,
        case when count(s.latitude) > 0 then string_agg(float8send(coalesce(s.latitude, 'NaN')), '') end,
        case when count(s.longitude) > 0 then string_agg(float8send(coalesce(s.longitude, 'NaN')), '') end,
        case when count(s.altitude) > 0 then string_agg(float8send(coalesce(s.altitude, 'NaN')), '') end,
        case when count(s.accuracy) > 0 then string_agg(float8send(coalesce(s.accuracy, 'NaN')), '') end,
        case when count(s.speed) > 0 then string_agg(float8send(coalesce(s.speed, 'NaN')), '') end,
        case when count(s.bearing) > 0 then string_agg(float8send(coalesce(s.bearing, 'NaN')), '') end,
        case when count(s.extra) > 0 then array_agg(s.extra::text) end
    from slice as s;
end;
