-- Partials are merged, never means: moments is there for that.
create or replace view analytics.sensor_minutely as
select
    a.user_id, a.recording_id, a.sensor_type_id, a.sensor, a.bucket, a.readings, a.rate_hz, a.place, a.axis, a.count,
    a.mean, a.std, a.min, a.max, a.moments
from app.sensor_axes as a
where a.bucket_minutes = 1;

comment on view analytics.sensor_minutely is
'Mean and deviation of each minute: a row a session, sensor, minute and axis that has values, archived readings '
'too. user_id: analytics.users.id; recording_id: analytics.sessions.recording_id; sensor_type_id, sensor: as in '
'analytics.session_sensors. bucket: when the minute begins. readings: of the sensor in it; rate_hz: (readings - 1) '
'/ seconds from the first to the last, NULL for one reading. axis: as in session_metrics(), place: its order. count '
'of values, mean, std (sample deviation, NULL for one value), min, max. moments: {n, sum, m2}; '
'float8_avg(analytics.merged_moments(moments)) and float8_stddev_samp(analytics.merged_moments(moments)) are mean '
'and deviation of any rows together, whatever their buckets, sensors and sessions; a mean of means would not be.';
