-- Readings as statistics take them. In app, as it has those of deleted sessions until they are erased: analysts may
-- select from it, but without usage of app only through the functions of analytics, which ask whether the session is
-- in analytics.sessions.
create or replace view app.stored_readings as
select
    d.recording_id, d.sensor_type_id, t.name as sensor, d.recorded_at, d.x, d.y, d.z,
    sqrt(d.x * d.x + d.y * d.y + d.z * d.z) as magnitude,
    d.value, t.value_key, d.latitude, d.longitude, d.altitude,
    case when d.accuracy >= 0 then d.accuracy end as accuracy,
    case when d.speed >= 0 then d.speed end as speed,
    case when d.bearing >= 0 then d.bearing end as bearing,
    d.extra
from app.sensor_data as d
-- Left joins, so that they are not made at all by a query that needs no name.
left join app.recording_sessions as s on s.id = d.recording_id
left join app.sensor_types as t on t.user_id = s.user_id and t.id = d.sensor_type_id;
