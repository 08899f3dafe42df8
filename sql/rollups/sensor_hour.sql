-- Of each bucket either what is stored or what was sealed, never both: so it does not matter when, or whether, a
-- continuous aggregate was refreshed after sealing.
create or replace view analytics.sensor_hour as
select
    l.recording_id, l.sensor_type_id, l.bucket, l.count, l.first_at, l.last_at,
    l.x_count, l.x_sum, l.x_m2, l.x_min, l.x_max,
    l.y_count, l.y_sum, l.y_m2, l.y_min, l.y_max,
    l.z_count, l.z_sum, l.z_m2, l.z_min, l.z_max,
    l.magnitude_count, l.magnitude_sum, l.magnitude_m2, l.magnitude_min, l.magnitude_max,
    l.value_count, l.value_sum, l.value_m2, l.value_min, l.value_max,
    l.speed_count, l.speed_sum, l.speed_m2, l.speed_min, l.speed_max
from app.live_hour as l
where not exists (
        select from app.archived_ranges as p
        where p.recording_id = l.recording_id and p.sensor_type_id = l.sensor_type_id
            and l.bucket >= p.from_at and l.bucket < p.until_at
    )
    and exists (select from app.recording_sessions as s where s.id = l.recording_id and s.deleted_at is null)
union all
select
    r.recording_id, r.sensor_type_id, r.bucket, r.count, r.first_at, r.last_at,
    r.x_count, r.x_sum, r.x_m2, r.x_min, r.x_max,
    r.y_count, r.y_sum, r.y_m2, r.y_min, r.y_max,
    r.z_count, r.z_sum, r.z_m2, r.z_min, r.z_max,
    r.magnitude_count, r.magnitude_sum, r.magnitude_m2, r.magnitude_min, r.magnitude_max,
    r.value_count, r.value_sum, r.value_m2, r.value_min, r.value_max,
    r.speed_count, r.speed_sum, r.speed_m2, r.speed_min, r.speed_max
from app.archived_rollups as r
where r.bucket_minutes = 60
    and exists (select from app.recording_sessions as s where s.id = r.recording_id and s.deleted_at is null);

comment on view analytics.sensor_hour is
'Partials of each hour: a row a session, sensor type and hour that has readings, archived ones too. bucket: when '
'the hour begins. recording_id: analytics.sessions.recording_id; sensor_type_id: as in analytics.session_sensors. count: '
'readings; first_at, last_at: the times of the first and the last. Of x: x_count: readings that have it, x_sum, '
'x_m2: the sum of squared deviations from their mean, x_min, x_max; NULL: no reading has it. Likewise y_count, '
'y_sum, y_m2, y_min, y_max, z_count, z_sum, z_m2, z_min, z_max, magnitude_count, magnitude_sum, magnitude_m2, '
'magnitude_min, magnitude_max (the root of x2 + y2 + z2), value_count, value_sum, value_m2, value_min, value_max '
'(the one number of a scalar sensor), speed_count, speed_sum, speed_m2, speed_min, speed_max (m/s). sensor_hourly '
'has means and deviations. On TimescaleDB Community it shows late readings after the next refresh: rollup_lag().';
