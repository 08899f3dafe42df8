-- The rollups one axis below the other, with what partials come to. Who asks for one bucket_minutes reads that level
-- only.
create or replace view app.sensor_axes as
select
    r.bucket_minutes, s.user_id, r.recording_id, r.sensor_type_id, t.name as sensor, r.bucket, r.count as readings,
    (r.count - 1) / nullif(date_part('epoch', r.last_at - r.first_at), 0) as rate_hz,
    a.place, a.axis, a.count, a.sum / a.count as mean,
    case when a.count > 1 then sqrt(a.m2 / (a.count - 1)) end as std,
    a.min, a.max, array[a.count, a.sum, a.m2] as moments
from (
    select 1 as bucket_minutes, m.* from analytics.sensor_minute as m
    union all
    select 60, h.* from analytics.sensor_hour as h
    union all
    select 1440, d.* from analytics.sensor_day as d
) as r
join app.recording_sessions as s on s.id = r.recording_id
join app.sensor_types as t on t.id = r.sensor_type_id
cross join lateral (
    values
        (1, 'magnitude', r.magnitude_count, r.magnitude_sum, r.magnitude_m2, r.magnitude_min, r.magnitude_max),
        (2, 'x', r.x_count, r.x_sum, r.x_m2, r.x_min, r.x_max),
        (3, 'y', r.y_count, r.y_sum, r.y_m2, r.y_min, r.y_max),
        (4, 'z', r.z_count, r.z_sum, r.z_m2, r.z_min, r.z_max),
        (5, t.value_key, r.value_count, r.value_sum, r.value_m2, r.value_min, r.value_max),
        (6, 'speed', r.speed_count, r.speed_sum, r.speed_m2, r.speed_min, r.speed_max)
) as a (place, axis, count, sum, m2, min, max)
where a.count > 0;
