-- From the record of changes: finding them among the readings would mean reading them all.
create or replace view analytics.session_sensors as
select
    c.recording_id, c.sensor_type_id, t.name as sensor, t.value_key, min(c.from_at) as from_at, max(c.to_at) as to_at,
    s.units ->> t.name as unit
from app.reading_changes as c
join app.recording_sessions as s on s.id = c.recording_id and s.deleted_at is null
join app.sensor_types as t on t.user_id = s.user_id and t.id = c.sensor_type_id
group by c.recording_id, c.sensor_type_id, t.name, t.value_key, s.units;

comment on view analytics.session_sensors is
'One row per recording and sensor. recording_id: analytics.sessions.recording_id. sensor: name of the sensor; '
'sensor_type_id: its number, which other users may have for another sensor. value_key: the key under which the '
'user''s phones send what readings hold in value (pressure, heart_rate, ...); NULL: no number has decided it yet, and '
'no reading has a value. from_at, to_at: times between which its readings lie, archived ones included. unit: what '
'its acceleration is in, m/s2 or g, as the app declared it for this recording; NULL: it did not, and functions take '
'it as m/s2.';
