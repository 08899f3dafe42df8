-- Adds to app.archived_sketches the sketches of readings that are about to be deleted, per hour and per day.
create or replace function app.archive_sketches(_recording_id bigint, _from timestamptz, _to timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
-- Planned for the times at hand: a generic plan opens every chunk.
set plan_cache_mode = force_custom_plan
as $$
begin
    insert into app.archived_sketches (
        bucket_minutes, sensor_type_id, recording_id, bucket, place, axis, sketch
    )
    select
        width.minutes, s.sensor_type_id, _recording_id, analytics.bucket_start(width.minutes, s.bucket), s.place,
        s.axis, analytics.merged_sketch(s.sketch)
    from app.stored_sketches(_recording_id, app.bucket_starts(60, _from, _to), _from, _to) as s
    cross join unnest(array[60, 1440]) as width (minutes)
    group by width.minutes, s.sensor_type_id, analytics.bucket_start(width.minutes, s.bucket), s.place, s.axis;
end
$$;
