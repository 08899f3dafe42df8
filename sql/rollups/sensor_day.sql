-- Of what is stored, days are merged from hours: twenty-four rows are not worth an aggregate of their own.
create or replace view analytics.sensor_day as
select
    l.recording_id, l.sensor_type_id,
    date_bin(interval '24 hours', l.bucket, timestamptz '2000-01-03 00:00Z') as bucket,
    sum(l.count)::bigint as count, min(l.first_at) as first_at, max(l.last_at) as last_at,
    sum(l.x_count)::bigint as x_count, sum(l.x_sum) as x_sum,
    case
        when sum(l.x_count) > 0
            then (analytics.merged_moments(array[l.x_count, l.x_sum, l.x_m2]) filter (where l.x_count > 0))[3]
    end as x_m2,
    min(l.x_min) as x_min, max(l.x_max) as x_max,
    sum(l.y_count)::bigint as y_count, sum(l.y_sum) as y_sum,
    case
        when sum(l.y_count) > 0
            then (analytics.merged_moments(array[l.y_count, l.y_sum, l.y_m2]) filter (where l.y_count > 0))[3]
    end as y_m2,
    min(l.y_min) as y_min, max(l.y_max) as y_max,
    sum(l.z_count)::bigint as z_count, sum(l.z_sum) as z_sum,
    case
        when sum(l.z_count) > 0
            then (analytics.merged_moments(array[l.z_count, l.z_sum, l.z_m2]) filter (where l.z_count > 0))[3]
    end as z_m2,
    min(l.z_min) as z_min, max(l.z_max) as z_max,
    sum(l.magnitude_count)::bigint as magnitude_count, sum(l.magnitude_sum) as magnitude_sum,
    case
        when sum(l.magnitude_count) > 0
            then (
                analytics.merged_moments(array[l.magnitude_count, l.magnitude_sum, l.magnitude_m2])
                filter (where l.magnitude_count > 0)
            )[3]
    end as magnitude_m2,
    min(l.magnitude_min) as magnitude_min, max(l.magnitude_max) as magnitude_max,
    sum(l.value_count)::bigint as value_count, sum(l.value_sum) as value_sum,
    case
        when sum(l.value_count) > 0
            then (
                analytics.merged_moments(array[l.value_count, l.value_sum, l.value_m2])
                filter (where l.value_count > 0)
            )[3]
    end as value_m2,
    min(l.value_min) as value_min, max(l.value_max) as value_max,
    sum(l.speed_count)::bigint as speed_count, sum(l.speed_sum) as speed_sum,
    case
        when sum(l.speed_count) > 0
            then (
                analytics.merged_moments(array[l.speed_count, l.speed_sum, l.speed_m2])
                filter (where l.speed_count > 0)
            )[3]
    end as speed_m2,
    min(l.speed_min) as speed_min, max(l.speed_max) as speed_max
from app.live_hour as l
where not exists (
        select from app.archived_ranges as p
        where p.recording_id = l.recording_id and p.sensor_type_id = l.sensor_type_id
            and l.bucket >= p.from_at and l.bucket < p.until_at
    )
    and exists (select from app.recording_sessions as s where s.id = l.recording_id and s.deleted_at is null)
group by 1, 2, 3
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
where r.bucket_minutes = 1440
    and exists (select from app.recording_sessions as s where s.id = r.recording_id and s.deleted_at is null);

comment on view analytics.sensor_day is
'Partials of each UTC day: a row a session, sensor type and day that has readings, archived ones too. bucket: when '
'the day begins. recording_id: analytics.sessions.recording_id; sensor_type_id: as in analytics.session_sensors. count: '
'readings; first_at, last_at: the times of the first and the last. Of x: x_count: readings that have it, x_sum, '
'x_m2: the sum of squared deviations from their mean, x_min, x_max; NULL: no reading has it. Likewise y_count, '
'y_sum, y_m2, y_min, y_max, z_count, z_sum, z_m2, z_min, z_max, magnitude_count, magnitude_sum, magnitude_m2, '
'magnitude_min, magnitude_max (the root of x2 + y2 + z2), value_count, value_sum, value_m2, value_min, value_max '
'(the one number of a scalar sensor), speed_count, speed_sum, speed_m2, speed_min, speed_max (m/s). sensor_daily '
'has means and deviations; sensor_local_day() and user_local_day() have days of a time zone. On TimescaleDB '
'Community it shows late readings after the next refresh: rollup_lag().';
