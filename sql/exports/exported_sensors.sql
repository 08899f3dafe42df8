-- The sensors of a session, by name. from_at, to_at: times between which its readings lie, archived ones included.
-- archived_days: first moment of each UTC day that was archived, as far as rollups are left of it.
create or replace function app.exported_sensors(_recording_id bigint)
returns table (
    sensor_type_id integer, sensor text, value_key text, unit text, from_at timestamptz, to_at timestamptz,
    archived_days timestamptz[]
)
language sql
stable
begin atomic
    select
        n.sensor_type_id, n.sensor, n.value_key, n.unit, n.from_at, n.to_at,
        coalesce((
            select array_agg(r.bucket order by r.bucket)
            from app.archived_rollups as r
            where r.recording_id = _recording_id::integer and r.bucket_minutes = 1440
                and r.sensor_type_id = n.sensor_type_id
        ), '{}')
    from analytics.session_sensors as n
    where n.recording_id = _recording_id
    order by n.sensor collate "C";
end;
