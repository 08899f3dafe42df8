-- Of partials, so it outlives the readings; a path of positions would not.
create or replace view analytics.sensor_distance as
select
    s.user_id, m.recording_id, m.sensor_type_id, t.name as sensor, m.bucket, recorded.seconds,
    m.speed_sum / m.speed_count * recorded.seconds as distance_m
from analytics.sensor_minute as m
join app.recording_sessions as s on s.id = m.recording_id
join app.sensor_types as t on t.id = m.sensor_type_id
cross join lateral (
    -- Each reading stands for the mean interval: n of them for one more than lies between the first and the last.
    -- One alone stands for no time; least() of nothing known would be the whole minute.
    select
        case
            when m.count > 1 then least(60, date_part('epoch', m.last_at - m.first_at) * m.count / (m.count - 1))
        end as seconds
) as recorded
where m.speed_count > 0;

comment on view analytics.sensor_distance is
'How far did the phone go each minute, by its own speed? A row a session, sensor and minute with a speed, archived '
'readings too. user_id: analytics.users.id; recording_id: analytics.sessions.recording_id; sensor_type_id, sensor: as in '
'analytics.session_sensors. bucket: when the minute begins. seconds: recorded in it; distance_m: mean speed times '
'seconds, metres. Sum both over any minutes of one sensor. NULL: one reading alone lasts for no time. While there '
'are readings, session_distance() goes by positions.';
