-- What partials come to, one row per axis. A query for one bucket_minutes reads that width only. An axis more is a line
-- here.
create or replace view app.rollups as
select
    p.bucket_minutes, p.is_archived, s.user_id, p.recording_id, p.sensor_type_id, t.name as sensor, p.bucket,
    p.count as readings, (p.count - 1) / nullif(date_part('epoch', p.last_at - p.first_at), 0) as rate_hz,
    p.first_at, p.last_at,
    a.place, a.axis, a.moments[1]::bigint as count, float8_avg(a.moments) as mean,
    float8_stddev_samp(a.moments) as std, a.min, a.max, a.moments
from analytics.rollup_partials as p
join app.recording_sessions as s on s.id = p.recording_id
join app.sensor_types as t on t.id = p.sensor_type_id
cross join lateral (
    values
        (1, 'magnitude', p.magnitude_moments, p.magnitude_min, p.magnitude_max),
        (2, 'x', p.x_moments, p.x_min, p.x_max),
        (3, 'y', p.y_moments, p.y_min, p.y_max),
        (4, 'z', p.z_moments, p.z_min, p.z_max),
        (5, t.value_key, p.value_moments, p.value_min, p.value_max),
        (6, 'speed', p.speed_moments, p.speed_min, p.speed_max)
) as a (place, axis, moments, min, max)
where a.moments is not null;
