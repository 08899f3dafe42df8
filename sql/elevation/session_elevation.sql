-- A reference altitude that only follows once it is left by _hysteresis_m: each step depends on the one before, which a
-- loop says more plainly than a recursive query.
create or replace function analytics.session_elevation(
    _recording bigint, _sensor text default 'gps', _hysteresis_m double precision default 3
)
returns table (fixes bigint, ascent_m double precision, descent_m double precision)
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    _altitude double precision;
    _reference double precision;
begin
    fixes := 0;
    ascent_m := 0;
    descent_m := 0;
    for _altitude in
        select d.altitude
        from analytics.session_sensors as s
        join analytics.session_readings(_recording) as d on d.sensor_type_id = s.sensor_type_id
        where s.recording_id = _recording and s.sensor = _sensor and d.altitude is not null
        order by d.recorded_at
    loop
        fixes := fixes + 1;
        if _reference is null then
            _reference := _altitude;
        elsif _altitude - _reference >= _hysteresis_m then
            ascent_m := ascent_m + (_altitude - _reference);
            _reference := _altitude;
        elsif _reference - _altitude >= _hysteresis_m then
            descent_m := descent_m + (_reference - _altitude);
            _reference := _altitude;
        end if;
    end loop;
    if fixes > 0 then
        return next;
    end if;
end
$$;

comment on function analytics.session_elevation(bigint, text, double precision) is
'Metres up and down of a recording: one row. fixes: readings of _sensor with an altitude. The reference altitude, at '
'first that of the first fix, moves to an altitude that differs from it by at least _hysteresis_m, and the difference '
'counts; 0: every difference counts, which adds up noise. ascent_m, descent_m: both are positive. No row: no reading '
'has an altitude.';
