-- For questions that no function answers.
create or replace view analytics.readings as
select r.*
from app.stored_readings as r
-- Deleted, not yet erased: a handful at most, so looking there is cheaper than a join with all that are left.
where r.recording_id not in (
    select s.id from app.recording_sessions as s where s.deleted_at is not null and s.erased_at is null
);

comment on view analytics.readings is
'One row per reading. recording_id: analytics.sessions.recording_id; ask for one of them and a range of recorded_at '
'(session_readings() does), otherwise all chunks are read. sensor: name of the sensor; sensor_type_id: its number. '
'x, y, z: axes, in the unit of the sensor; magnitude: sqrt(x2 + y2 + z2). value: of a sensor with one value; '
'value_key: name of that value. latitude, longitude: degrees; altitude, accuracy: metres; speed: m/s; bearing: '
'degrees. NULL: not sent, or unknown, which phones report as a negative accuracy, speed or bearing. extra: '
'everything else that was sent.';
