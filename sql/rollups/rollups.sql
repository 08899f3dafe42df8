-- What partials come to, one row per axis. A query for one bucket_minutes reads that width only. An axis more is a line
-- here. Axes without a column of their own are archived only: computing them from stored readings would take the
-- readings themselves; app.extra_partials() does it for one recording, app.user_axes() for those of a user.
create or replace view app.rollups as
select
    r.bucket_minutes, r.is_archived, r.user_id, r.recording_id, r.sensor_type_id, r.sensor, r.bucket, r.readings,
    r.rate_hz, r.first_at, r.last_at, r.place, r.axis, r.moments[1]::bigint as count, float8_avg(r.moments) as mean,
    float8_stddev_samp(r.moments) as std, r.min, r.max, r.moments
from (
    select
        p.bucket_minutes, p.is_archived, s.user_id, p.recording_id, p.sensor_type_id, t.name as sensor, p.bucket,
        p.count as readings, (p.count - 1) / nullif(date_part('epoch', p.last_at - p.first_at), 0) as rate_hz,
        p.first_at, p.last_at,
        a.place, a.axis, a.moments, a.min, a.max
    from analytics.rollup_partials as p
    join app.recording_sessions as s on s.id = p.recording_id
    join app.sensor_types as t on t.user_id = s.user_id and t.id = p.sensor_type_id
    cross join lateral (
        values
            (1, 'magnitude', p.magnitude_moments, p.magnitude_min, p.magnitude_max),
            (2, 'x', p.x_moments, p.x_min, p.x_max),
            (3, 'y', p.y_moments, p.y_min, p.y_max),
            (4, 'z', p.z_moments, p.z_min, p.z_max),
            (5, t.value_key, p.value_moments, p.value_min, p.value_max),
            (6, 'speed', p.speed_moments, p.speed_min, p.speed_max)
    ) as a (place, axis, moments, min, max)
    where a.moments is not null
    union all
    select
        e.bucket_minutes, true, s.user_id, e.recording_id, e.sensor_type_id, t.name, e.bucket, p.count,
        (p.count - 1) / nullif(date_part('epoch', p.last_at - p.first_at), 0), p.first_at, p.last_at,
        app.axis_place(e.axis), e.axis, e.moments, e.min, e.max
    from app.archived_extra_rollups as e
    join app.archived_rollups as p
        on p.recording_id = e.recording_id and p.bucket_minutes = e.bucket_minutes
        and p.sensor_type_id = e.sensor_type_id and p.bucket = e.bucket
    join app.recording_sessions as s on s.id = e.recording_id and s.deleted_at is null
    join app.sensor_types as t on t.user_id = s.user_id and t.id = e.sensor_type_id
) as r;
