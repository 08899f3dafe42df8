-- Partials of a recording's stored readings between two times (_until not included), per bucket of each of _widths
-- (minutes). Readings are scanned once, longer buckets are merged from minutes. Nothing is read from continuous
-- aggregates, which may be behind.
create or replace function app.partials_between(
    _recording_id bigint, _from timestamptz, _until timestamptz, _widths integer[]
)
returns setof app.archived_rollups
language sql
stable
begin atomic
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
        where d.recording_id = _recording_id::integer and d.recorded_at >= _from and d.recorded_at < _until
        group by d.sensor_type_id, analytics.bucket_start(1, d.recorded_at)
    )
    select
        width.minutes, b.sensor_type_id, _recording_id::integer, analytics.bucket_start(width.minutes, b.bucket),
        sum(b.count)::bigint, min(b.first_at), max(b.last_at),
        nullif(analytics.merged_moments(b.x), '{0,0,0}'), min(b.x_min), max(b.x_max),
        nullif(analytics.merged_moments(b.y), '{0,0,0}'), min(b.y_min), max(b.y_max),
        nullif(analytics.merged_moments(b.z), '{0,0,0}'), min(b.z_min), max(b.z_max),
        nullif(analytics.merged_moments(b.m), '{0,0,0}'), min(b.m_min), max(b.m_max),
        nullif(analytics.merged_moments(b.v), '{0,0,0}'), min(b.v_min), max(b.v_max),
        nullif(analytics.merged_moments(b.s), '{0,0,0}'), min(b.s_min), max(b.s_max)
    from minutes as b
    cross join unnest(_widths) as width (minutes)
    group by width.minutes, b.sensor_type_id, analytics.bucket_start(width.minutes, b.bucket);
end;
