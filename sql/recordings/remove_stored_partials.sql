-- Deletes the stored partials of some hours of a recording, whose row the caller has locked. Sensor by sensor, as the
-- key is.
create or replace function app.remove_stored_partials(_recording_id bigint, _hours tstzmultirange)
returns void
language sql
volatile
begin atomic
    with doomed as (
        select t.sensor_type_id, lower(hours.span) as from_at, upper(hours.span) as until_at
        from unnest(_hours) as hours (span)
        cross join (
            select distinct c.sensor_type_id from app.reading_changes as c where c.recording_id = _recording_id
        ) as t
    )
    delete from app.stored_partials as p using doomed
    where p.recording_id = _recording_id::integer and p.bucket_minutes in (1, 60)
        and p.sensor_type_id = doomed.sensor_type_id and p.bucket >= doomed.from_at and p.bucket < doomed.until_at;
end;
