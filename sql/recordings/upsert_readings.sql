-- Writes readings, each key at most once in the arrays: new ones are inserted, changed ones replaced, equal ones left.
-- The caller holds the session's row, so what is compared stays as it is until it is written.
-- _from, _to: the times that the arrays span; NULL arrays stand for columns of NULLs.
-- A row per sensor type that changed: how many were inserted and updated, and their first and last time.
create or replace function app.upsert_readings(
    _recording_id bigint, _from timestamptz, _to timestamptz,
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
as $$
#variable_conflict use_column
begin
    perform app.lift_decompression_limit();
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
        select b.*, d.recording_id is null as is_new
        from batch as b
        -- Lateral, with a limit: each is looked up by its key, whatever the planner believes of a table that nobody
        -- has analysed yet. Many equal readings do not come here: the service compares them by whole columns.
        left join lateral (
            select e.* from app.sensor_data as e
            where e.recording_id = _recording_id::integer and e.sensor_type_id = b.sensor_type_id and e.recorded_at = b.recorded_at
                and e.recorded_at between _from and _to
            limit 1
        ) as d on true
        where d.recording_id is null
            or (d.x, d.y, d.z, d.value, d.latitude, d.longitude, d.altitude, d.accuracy, d.speed, d.bearing, d.extra)
            is distinct from
            (b.x, b.y, b.z, b.value, b.latitude, b.longitude, b.altitude, b.accuracy, b.speed, b.bearing, b.extra)
    ),
    written as (
        insert into app.sensor_data (
            recording_id, sensor_type_id, recorded_at,
            x, y, z, value, latitude, longitude, altitude, accuracy, speed, bearing, extra
        )
        select
            _recording_id, c.sensor_type_id, c.recorded_at,
            c.x, c.y, c.z, c.value, c.latitude, c.longitude, c.altitude, c.accuracy, c.speed, c.bearing, c.extra
        from changed as c
        on conflict (recording_id, sensor_type_id, recorded_at) do update
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
