-- Partials per day of the stored readings, merged from those per hour: 24 rows per day are not worth a continuous
-- aggregate of their own.
create or replace view app.day_partials as
select
    h.sensor_type_id, h.recording_id, analytics.bucket_start(1440, h.bucket) as bucket,
    sum(h.count)::bigint as count, min(h.first_at) as first_at, max(h.last_at) as last_at,
    analytics.merged_moments(h.x_moments) as x_moments, min(h.x_min) as x_min, max(h.x_max) as x_max,
    analytics.merged_moments(h.y_moments) as y_moments, min(h.y_min) as y_min, max(h.y_max) as y_max,
    analytics.merged_moments(h.z_moments) as z_moments, min(h.z_min) as z_min, max(h.z_max) as z_max,
    analytics.merged_moments(h.magnitude_moments) as magnitude_moments,
    min(h.magnitude_min) as magnitude_min, max(h.magnitude_max) as magnitude_max,
    analytics.merged_moments(h.value_moments) as value_moments,
    min(h.value_min) as value_min, max(h.value_max) as value_max,
    analytics.merged_moments(h.speed_moments) as speed_moments,
    min(h.speed_min) as speed_min, max(h.speed_max) as speed_max
from app.hour_partials as h
group by h.sensor_type_id, h.recording_id, analytics.bucket_start(1440, h.bucket);
