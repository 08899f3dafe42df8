-- Writes the rollups of a recording's stored readings between two times to app.archived_rollups; returns how many rows.
-- Readings are scanned once, hours and days are merged from minutes. Nothing is read from continuous aggregates, which
-- may be behind.
create or replace function app.archive_rollups(_recording_id bigint, _from timestamptz, _to timestamptz)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
-- Planned for the times at hand: a generic plan opens every chunk.
set plan_cache_mode = force_custom_plan
as $$
declare
    _row_count bigint;
begin
    with minutes as (
        select
            d.sensor_type_id, analytics.bucket_start(1, d.recorded_at) as bucket,
            count(*) as count, min(d.recorded_at) as first_at, max(d.recorded_at) as last_at,
            analytics.moments(d.x) as x, min(d.x) as x_min, max(d.x) as x_max,
            analytics.moments(d.y) as y, min(d.y) as y_min, max(d.y) as y_max,
            analytics.moments(d.z) as z, min(d.z) as z_min, max(d.z) as z_max,
            analytics.moments(d.magnitude) as m, min(d.magnitude) as m_min, max(d.magnitude) as m_max,
            analytics.moments(d.value) as v, min(d.value) as v_min, max(d.value) as v_max,
            analytics.moments(d.speed) as s, min(d.speed) as s_min, max(d.speed) as s_max
        from app.stored_readings as d
        where d.recording_id = _recording_id::integer and d.recorded_at between _from and _to
        group by d.sensor_type_id, analytics.bucket_start(1, d.recorded_at)
    )
    insert into app.archived_rollups (
        bucket_minutes, sensor_type_id, recording_id, bucket, count, first_at, last_at,
        x_moments, x_min, x_max, y_moments, y_min, y_max, z_moments, z_min, z_max,
        magnitude_moments, magnitude_min, magnitude_max, value_moments, value_min, value_max,
        speed_moments, speed_min, speed_max
    )
    select
        width.minutes, b.sensor_type_id, _recording_id, analytics.bucket_start(width.minutes, b.bucket),
        sum(b.count), min(b.first_at), max(b.last_at),
        nullif(analytics.merged_moments(b.x), '{0,0,0}'), min(b.x_min), max(b.x_max),
        nullif(analytics.merged_moments(b.y), '{0,0,0}'), min(b.y_min), max(b.y_max),
        nullif(analytics.merged_moments(b.z), '{0,0,0}'), min(b.z_min), max(b.z_max),
        nullif(analytics.merged_moments(b.m), '{0,0,0}'), min(b.m_min), max(b.m_max),
        nullif(analytics.merged_moments(b.v), '{0,0,0}'), min(b.v_min), max(b.v_max),
        nullif(analytics.merged_moments(b.s), '{0,0,0}'), min(b.s_min), max(b.s_max)
    from minutes as b
    cross join unnest(array[1, 60, 1440]) as width (minutes)
    group by width.minutes, b.sensor_type_id, analytics.bucket_start(width.minutes, b.bucket);
    get diagnostics _row_count = row_count;
    return _row_count;
end
$$;
