-- From partials, so that it outlives the readings; a path of positions would not.
create or replace view analytics.sensor_distance as
select
    s.user_id, m.recording_id, m.sensor_type_id, t.name as sensor, m.bucket, recorded.seconds,
    float8_avg(m.speed_moments) * recorded.seconds as distance_m
from analytics.rollup_partials as m
join app.recording_sessions as s on s.id = m.recording_id
join app.sensor_types as t on t.user_id = s.user_id and t.id = m.sensor_type_id
cross join lateral (select app.recorded_seconds(m.count, m.first_at, m.last_at) as seconds) as recorded
where m.bucket_minutes = 1 and m.speed_moments is not null;

comment on view analytics.sensor_distance is
'Distance per minute by the speed that the phone reported: one row per recording, sensor and minute with a speed, '
'archived readings included. user_id: analytics.users.id; recording_id: analytics.sessions.recording_id; '
'sensor_type_id, sensor: as in analytics.session_sensors. bucket: start of the minute. seconds: time recorded in it; '
'distance_m: mean speed times seconds, in metres. Both can be summed over the minutes of one sensor. NULL: a single '
'reading covers no time. session_distance() measures between positions, as long as the readings are stored.';
