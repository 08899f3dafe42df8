-- Adds to app.archived_extra_rollups what archive_rollups() leaves out, of all three widths.
create or replace function app.archive_extra_rollups(_recording_id bigint, _from timestamptz, _to timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
-- Planned for the times at hand: a generic plan opens every chunk.
set plan_cache_mode = force_custom_plan
as $$
begin
    insert into app.archived_extra_rollups (
        bucket_minutes, sensor_type_id, recording_id, bucket, axis, moments, min, max
    )
    select
        width.minutes, e.sensor_type_id, _recording_id, analytics.bucket_start(width.minutes, e.bucket), e.axis,
        analytics.merged_moments(e.moments), min(e.min), max(e.max)
    from app.extra_partials(_recording_id, _from, _to) as e
    cross join unnest(array[1, 60, 1440]) as width (minutes)
    group by width.minutes, e.sensor_type_id, analytics.bucket_start(width.minutes, e.bucket), e.axis;
end
$$;
