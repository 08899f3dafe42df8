-- The steps themselves; per minute, archived ones too, in session_cadence().
create or replace function analytics.session_steps(_recording bigint, _sensor text default 'accelerometer')
returns table (at timestamptz)
language sql
stable
parallel safe
begin atomic
    select s.at
    from analytics.session_sensors as n
    cross join lateral app.stored_steps(_recording, n.sensor_type_id, null, null) as s
    where n.recording_id = _recording and n.sensor = _sensor and s.is_step
    order by s.at;
end;

comment on function analytics.session_steps(bigint, text) is
'Steps of a recording: one row per step, with its time. The mean magnitude over 150 ms to both sides rises above 1.03 '
'times the mean over 1 s to both sides, more than 250 ms after the rise before it; nothing rises over a pause of more '
'than 1 s, nor where the short mean has fewer than 3 readings. Works in g and in m/s2, from 10 readings per second '
'on. Within 5 % of counted steps on walks of more than 100 steps; on short clips it counts too many. '
'session_cadence() has them per minute, archived readings included. No rows: no steps, or no stored readings with x, '
'y and z.';
