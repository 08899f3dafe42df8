-- Keeps the counters of readings that are about to be deleted.
create or replace function app.archive_counters(_recording_id bigint, _from timestamptz, _to timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
-- Planned for the times at hand: a generic plan opens every chunk.
set plan_cache_mode = force_custom_plan
as $$
begin
    insert into app.archived_counters (recording_id, sensor_type_id, axis, bucket, increase)
    select _recording_id, c.sensor_type_id, c.axis, c.bucket, c.increase
    from app.counter_minutes(_recording_id, _from, _to) as c;
end
$$;
