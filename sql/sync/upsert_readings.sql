-- Writes readings, each key at most once in the arrays: new ones are inserted, changed ones replaced, equal ones left.
-- The caller holds the session's row, so what is compared stays as it is until it is written.
-- _sensors, _from, _to: the sensor types and the times that the arrays span; NULL arrays stand for columns of NULLs.
-- A row a sensor type that changed: how many were inserted and updated, and the range of times they lie in.
create or replace function app.upsert_readings(
    _session_id bigint, _sensors integer[], _from timestamptz, _to timestamptz,
    _types integer[], _recorded_at timestamptz[],
    _x double precision[], _y double precision[], _z double precision[], _value double precision[],
    _latitude double precision[], _longitude double precision[], _altitude double precision[],
    _accuracy double precision[], _speed double precision[], _bearing double precision[], _extra jsonb[]
)
returns table (sensor_type_id integer, inserted bigint, updated bigint, from_at timestamptz, to_at timestamptz)
language plpgsql
set search_path = pg_catalog, pg_temp
-- Planned for the times at hand: a generic plan opens every chunk.
set plan_cache_mode = force_custom_plan
set enable_hashjoin = on
set enable_mergejoin = on
set enable_material = on
as $$
#variable_conflict use_column
begin
    -- A few readings of a long session are looked up one by one, many of a short one are joined: the planner cannot
    -- tell the two apart in a table that nobody has analysed yet. The settings end with the function.
    if (select s.data_count > 20 * cardinality(_types) from app.recording_sessions as s where s.id = _session_id) then
        perform
            set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
            -- Else all readings of the range are kept and walked through for each one: 5,000 times 5,000.
            set_config('enable_material', 'off', true);
    end if;
    return query
    with batch as (
        select *
        from unnest(
            _types, _recorded_at, _x, _y, _z, _value,
            _latitude, _longitude, _altitude, _accuracy, _speed, _bearing, _extra
        ) as b (
            sensor_type_id, recorded_at, x, y, z, value,
            latitude, longitude, altitude, accuracy, speed, bearing, extra
        )
    ),
    -- Equal readings are found by reading; `on conflict` alone would lock, and so write, every one of them.
    changed as (
        select b.*, d.session_id is null as is_new
        from batch as b
        left join app.sensor_data as d
            on d.session_id = _session_id and d.sensor_type_id = b.sensor_type_id and d.recorded_at = b.recorded_at
            and d.sensor_type_id = any(_sensors) and d.recorded_at between _from and _to
        where d.session_id is null
            or (d.x, d.y, d.z, d.value, d.latitude, d.longitude, d.altitude, d.accuracy, d.speed, d.bearing, d.extra)
            is distinct from
            (b.x, b.y, b.z, b.value, b.latitude, b.longitude, b.altitude, b.accuracy, b.speed, b.bearing, b.extra)
    ),
    written as (
        insert into app.sensor_data (
            session_id, sensor_type_id, recorded_at,
            x, y, z, value, latitude, longitude, altitude, accuracy, speed, bearing, extra
        )
        select
            _session_id, c.sensor_type_id, c.recorded_at,
            c.x, c.y, c.z, c.value, c.latitude, c.longitude, c.altitude, c.accuracy, c.speed, c.bearing, c.extra
        from changed as c
        on conflict (session_id, sensor_type_id, recorded_at) do update
        -- No key column here: TimescaleDB refuses that on compressed chunks.
        set
            x = excluded.x, y = excluded.y, z = excluded.z, value = excluded.value,
            latitude = excluded.latitude, longitude = excluded.longitude, altitude = excluded.altitude,
            accuracy = excluded.accuracy, speed = excluded.speed, bearing = excluded.bearing, extra = excluded.extra
    )
    select
        c.sensor_type_id,
        count(*) filter (where c.is_new),
        count(*) filter (where not c.is_new),
        min(c.recorded_at),
        max(c.recorded_at)
    from changed as c group by c.sensor_type_id;
end
$$;
