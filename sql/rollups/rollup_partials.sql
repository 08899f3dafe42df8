-- Each bucket comes from one side only: from stored readings, or from what archiving kept. So it does not matter when,
-- or whether, a continuous aggregate is refreshed after archiving. What is united has the same columns in the same
-- order, which a test checks. A query for one bucket_minutes reads that width only, one for is_archived that side only.
create or replace view analytics.rollup_partials as
select
    p.recording_id, p.sensor_type_id, p.bucket_minutes, p.bucket, p.is_archived, p.count, p.first_at, p.last_at,
    p.x_moments, p.x_min, p.x_max,
    p.y_moments, p.y_min, p.y_max,
    p.z_moments, p.z_min, p.z_max,
    p.magnitude_moments, p.magnitude_min, p.magnitude_max,
    p.value_moments, p.value_min, p.value_max,
    p.speed_moments, p.speed_min, p.speed_max
from (
    select false as is_archived, stored.*
    from (
        select 1 as bucket_minutes, m.* from app.minute_partials as m
        union all
        select 60, h.* from app.hour_partials as h
        union all
        select 1440, d.* from app.day_partials as d
    ) as stored
    where not exists (
        select from app.archived_ranges as r
        where r.recording_id = stored.recording_id and r.sensor_type_id = stored.sensor_type_id
            and stored.bucket >= r.from_at and stored.bucket < r.until_at
    )
    union all
    select true, a.* from app.archived_rollups as a
) as p
where exists (select from app.recording_sessions as s where s.id = p.recording_id and s.deleted_at is null);

comment on view analytics.rollup_partials is
'One row per recording, sensor type and bucket that has readings: what can be merged into means and deviations of '
'any longer time. bucket_minutes: width of the bucket, 1 (minute), 60 (hour) or 1440 (UTC day): always ask for one '
'of them. bucket: start of the bucket. recording_id: analytics.sessions.recording_id; sensor_type_id: as in '
'analytics.session_sensors. is_archived: the readings of the bucket were archived, only their rollups are left. '
'count: number of readings; first_at, last_at: times of the first and the last one. Of each axis the moments, '
'{count, sum, sum of squared deviations from the mean}, the smallest and the largest value, in the unit the phone '
'sent: x_moments, x_min, x_max, y_moments, y_min, y_max, z_moments, z_min, z_max; magnitude_moments, magnitude_min, '
'magnitude_max of sqrt(x2 + y2 + z2); value_moments, value_min, value_max of the value of a sensor with one value; '
'speed_moments, speed_min, speed_max in m/s. NULL: no reading in the bucket has a value on that axis. '
'analytics.rollup_minute, rollup_hour and rollup_day show means and deviations. On TimescaleDB Community late '
'readings appear after the next refresh: see rollup_lag().';
