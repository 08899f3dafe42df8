-- Keeps the spans of labels of readings that are about to be deleted: per sensor and day at most as many as there are
-- rollups of minutes, otherwise none. Before app.archive_days().
create or replace function app.archive_labels(_recording_id bigint)
returns void
language sql
volatile
begin atomic
    insert into app.archived_labels (recording_id, sensor_type_id, label, from_at, to_at, readings)
    select _recording_id, l.sensor_type_id, l.label, l.from_at, l.to_at, l.readings
    from (
        select s.*, count(*) over (partition by s.sensor_type_id, analytics.bucket_start(1440, s.from_at)) as spans
        from app.label_spans(_recording_id) as s
    ) as l
    where l.spans <= 1440;
end;
