-- Means are computed from partials when they are read; moments is there so that nobody averages them.
create or replace view analytics.rollup_minute as
select
    r.user_id, r.recording_id, r.sensor_type_id, r.sensor, r.bucket, r.readings, r.rate_hz, r.place, r.axis, r.count,
    r.mean, r.std, r.min, r.max, r.moments
from app.rollups as r
where r.bucket_minutes = 1;

comment on view analytics.rollup_minute is
'Mean and deviation per minute: one row per recording, sensor, minute and axis that has values, archived readings '
'included. user_id: analytics.users.id; recording_id: analytics.sessions.recording_id; sensor_type_id, sensor: as in '
'analytics.session_sensors. bucket: start of the minute. readings: number of readings of the sensor in it; rate_hz: '
'(readings - 1) / seconds from the first to the last reading, NULL for one reading. axis: x, y, z, magnitude, the '
'value_key of the sensor, or speed; of archived readings only, also altitude, accuracy and numeric keys of extra: ask '
'session_rollup() or user_rollups() for these, which have them of all readings. place: its position in lists. count: '
'number of values; mean, std (sample standard deviation, NULL for one value), min, max: in the unit the phone sent. '
'moments: {n, sum, m2} as by analytics.moments(); float8_avg(analytics.merged_moments(moments)) and '
'float8_stddev_samp(analytics.merged_moments(moments)) are mean and deviation of any rows together, whatever their '
'buckets, sensors and recordings; a mean of means would be wrong.';
