-- Writes the distances of a recording's stored fixes to app.archived_distance, with the limits that are the defaults
-- of analytics.minute_distance(). Before app.archive_days(): what lies between days archived earlier is measured as it
-- was.
create or replace function app.archive_distance(_recording_id bigint)
returns void
language sql
volatile
begin atomic
    insert into app.archived_distance (
        recording_id, sensor_type_id, bucket, fixes, fixes_used, raw_m, gated_m, moving_m, joined_s, unjoined_s
    )
    select
        _recording_id, d.sensor_type_id, d.bucket, d.fixes, d.fixes_used, d.raw_m, d.gated_m, d.moving_m, d.joined_s,
        d.unjoined_s
    from app.stored_distance(_recording_id, 20, 60, 3, app.max_speed_m_s(), 50, 300) as d;
end;
