-- A reference altitude that only follows once it is left by _hysteresis_m: each step depends on the one before, hence a
-- loop.
create or replace function analytics.elevation(_altitudes double precision[], _hysteresis_m double precision default 3)
returns table (readings bigint, ascent_m double precision, descent_m double precision)
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    _altitude double precision;
    _reference double precision;
begin
    readings := 0;
    ascent_m := 0;
    descent_m := 0;
    if not coalesce(_hysteresis_m >= 0 and cardinality(_altitudes) > 0, false) then
        return;
    end if;
    foreach _altitude in array _altitudes loop
        continue when _altitude is null;
        readings := readings + 1;
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
    if readings > 0 then
        return next;
    end if;
end
$$;

comment on function analytics.elevation(double precision[], double precision) is
'Metres up and down along altitudes in the order of time: one row. The reference altitude, at first the first one, '
'moves to an altitude that differs from it by at least _hysteresis_m, and the difference counts; 0: every difference '
'counts, which adds up noise. readings: number of altitudes that are not NULL; ascent_m, descent_m: both are positive. '
'No row: there is no altitude, or _hysteresis_m is NULL or negative.';
