-- Session by session: each is measured as a whole, as its median interval and its stays are.
create or replace view analytics.sensor_distance as
select
    s.user_id, s.recording_id, m.sensor_type_id, m.sensor, m.bucket, m.is_counted, m.joined_s as seconds,
    m.gated_m as distance_m, m.raw_m, m.moving_m, m.unjoined_s, m.fixes, m.fixes_used
from analytics.sessions as s
cross join lateral analytics.minute_distance(s.recording_id) as m;

comment on view analytics.sensor_distance is
'Distance per minute along the fixes: one row per recording, sensor and minute that has fixes, archived minutes '
'included, as minute_distance() measures them by default; ask for one user or recording, otherwise all fixes are read. '
'user_id: analytics.users.id; recording_id: analytics.sessions.recording_id; sensor_type_id, sensor: as in '
'analytics.session_sensors. bucket: start of the minute. is_counted: the one sensor of each recording to sum, as '
'another one went the same way. distance_m: gated_m of session_distance(); seconds: how long these legs took; raw_m, '
'moving_m, unjoined_s, fixes, fixes_used: as there. All can be summed over the minutes of one sensor. NULL: no leg '
'ends in the minute.';
