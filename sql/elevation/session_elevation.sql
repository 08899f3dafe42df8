-- The altitudes of one sensor in the order of time, which elevation() follows.
create or replace function analytics.session_elevation(
    _recording bigint, _sensor text default 'gps', _hysteresis_m double precision default 3,
    _pressure_unit text default null, _axis text default null
)
returns table (readings bigint, ascent_m double precision, descent_m double precision)
language sql
stable
parallel safe
begin atomic
    select e.readings, e.ascent_m, e.descent_m
    from analytics.session_sensors as s
    cross join lateral (
        select coalesce(_axis, case when _pressure_unit is null then 'altitude' else 'pressure' end) as axis
    ) as named
    cross join lateral (
        select array_agg(
            case
                when _pressure_unit is null then d.value
                else analytics.pressure_altitude(d.value, _unit => _pressure_unit)
            end
            order by d.recorded_at
        ) as altitudes
        from app.axis_readings(
            _recording, s.sensor_type_id, app.named_axis(named.axis, s.value_key), named.axis, null, null
        ) as d
    ) as line
    cross join lateral analytics.elevation(line.altitudes, _hysteresis_m) as e
    where s.recording_id = _recording and s.sensor = _sensor;
end;

comment on function analytics.session_elevation(bigint, text, double precision, text, text) is
'Metres up and down of a recording, as by elevation(): one row. readings: stored readings of _sensor with an altitude; '
'ascent_m, descent_m: both are positive. _pressure_unit: of a sensor of pressure, whose readings become altitudes by '
'pressure_altitude(): hPa, kPa or Pa. _axis: what to read instead of altitude or pressure. Altitudes of GPS are noisy: '
'without _hysteresis_m they climb while the phone lies still. No row: no reading has an altitude, all are archived, or '
'_hysteresis_m is NULL or negative.';
