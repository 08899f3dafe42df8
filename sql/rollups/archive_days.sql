-- Adds to app.archived_ranges the days of a recording that have rollups and are in no range yet. Each run of
-- consecutive days becomes one range: within a run, a day less its row number is the same date.
create or replace function app.archive_days(_recording_id bigint)
returns void
language sql
volatile
begin atomic
    with days as (
        select
            r.sensor_type_id, r.bucket,
            r.bucket - interval '24 hours' * row_number() over (
                partition by r.sensor_type_id order by r.bucket
            ) as run
        from app.archived_rollups as r
        where r.recording_id = _recording_id and r.bucket_minutes = 1440
            and not exists (
                select from app.archived_ranges as a
                where a.recording_id = r.recording_id and a.sensor_type_id = r.sensor_type_id
                    and r.bucket >= a.from_at and r.bucket < a.until_at
            )
    )
    insert into app.archived_ranges (recording_id, sensor_type_id, from_at, until_at)
    select _recording_id, days.sensor_type_id, min(days.bucket), max(days.bucket) + interval '24 hours'
    from days
    group by days.sensor_type_id, days.run;
end;
