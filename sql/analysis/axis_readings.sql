-- The values of one axis in the order of time, for what follows a line from reading to reading. Read by the primary key
-- if it is called for one sensor at a time. In app, as it has those of deleted sessions: who calls it takes the sensor
-- from analytics.session_sensors. Places as in analytics.axis_value(), and coordinates, which have no statistics.
create or replace function app.axis_readings(
    _recording bigint, _sensor_type_id integer, _place integer, _axis text, _from timestamptz, _to timestamptz
)
returns table (recorded_at timestamptz, value double precision)
language sql
stable
parallel safe
begin atomic
    select r.recorded_at, r.value
    from (
        select
            d.recorded_at,
            case _place
                when 10 then d.latitude
                when 11 then d.longitude
                else analytics.axis_value(
                    _place, _axis, d.magnitude, d.x, d.y, d.z, d.value, d.speed, d.altitude, d.accuracy, d.extra
                )
            end as value
        from app.stored_session_readings(_recording, _from, _to) as d
        where d.sensor_type_id = _sensor_type_id and _place is not null
    ) as r
    where r.value is not null;
end;
