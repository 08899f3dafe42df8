-- Writes readings, each key at most once in the arrays: new ones are inserted, changed ones replaced, equal ones left.
-- A row a sensor type that changed: how many were inserted and updated, and the range of times they lie in.
create or replace function app.upsert_readings(
    _session_id bigint,
    _types integer[], _recorded_at timestamptz[],
    _x double precision[], _y double precision[], _z double precision[], _value double precision[],
    _latitude double precision[], _longitude double precision[], _altitude double precision[],
    _accuracy double precision[], _speed double precision[], _bearing double precision[], _extra jsonb[]
)
returns table (sensor_type_id integer, inserted bigint, updated bigint, from_at timestamptz, to_at timestamptz)
language sql
volatile
begin atomic
    with written as (
        insert into app.sensor_data as d (
            session_id, sensor_type_id, recorded_at,
            x, y, z, value, latitude, longitude, altitude, accuracy, speed, bearing, extra
        )
        select _session_id, *
        from unnest(
            _types, _recorded_at, _x, _y, _z, _value,
            _latitude, _longitude, _altitude, _accuracy, _speed, _bearing, _extra
        )
        on conflict (session_id, sensor_type_id, recorded_at) do update
        -- No key column here: TimescaleDB refuses that on compressed chunks.
        set
            x = excluded.x, y = excluded.y, z = excluded.z, value = excluded.value,
            latitude = excluded.latitude, longitude = excluded.longitude, altitude = excluded.altitude,
            accuracy = excluded.accuracy, speed = excluded.speed, bearing = excluded.bearing, extra = excluded.extra
        -- Without this every duplicate would rewrite its row.
        where (d.x, d.y, d.z, d.value, d.latitude, d.longitude, d.altitude, d.accuracy, d.speed, d.bearing, d.extra)
            is distinct from (
                excluded.x, excluded.y, excluded.z, excluded.value, excluded.latitude, excluded.longitude,
                excluded.altitude, excluded.accuracy, excluded.speed, excluded.bearing, excluded.extra
            )
        returning d.sensor_type_id, d.recorded_at, d.xmax = 0 as is_new
    )
    select
        written.sensor_type_id,
        count(*) filter (where written.is_new),
        count(*) filter (where not written.is_new),
        min(written.recorded_at),
        max(written.recorded_at)
    from written group by written.sensor_type_id;
end;
