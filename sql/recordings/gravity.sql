-- What 1 g is in the unit in which a sensor of a recording sends acceleration: 1 where the app declared g, 9.80665
-- where it declared m/s2 or nothing; never NULL. Standard gravity in m/s2 is exact by definition (General Conference on
-- Weights and Measures, 1901). To be asked once per sensor, not per reading: it reads a view, so it is not inlined.
create or replace function app.gravity(_recording bigint, _sensor_type_id integer)
returns double precision
language sql
stable
parallel safe
begin atomic
    select case
        when 'g' = (
            select s.unit from analytics.session_sensors as s
            where s.recording_id = _recording and s.sensor_type_id = _sensor_type_id
        ) then 1
        else 9.80665
    end;
end;
