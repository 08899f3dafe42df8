-- To which place each stay belongs: the first place whose first stay is at most _place_m metres away, or else a new
-- one. Takes the centres of stays in the order of time; a place is the number of its first stay.
create or replace function app.places(
    _latitude double precision[], _longitude double precision[], _place_m double precision
)
returns integer[]
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    _known integer[] := '{}';
    _places integer[] := '{}';
    _place integer;
begin
    for _n in 1 .. cardinality(_latitude) loop
        _place := _n;
        for _k in 1 .. cardinality(_known) loop
            if analytics.haversine_m(
                _latitude[_known[_k]], _longitude[_known[_k]], _latitude[_n], _longitude[_n]
            ) <= _place_m then
                _place := _known[_k];
                exit;
            end if;
        end loop;
        if _place = _n then
            _known := _known || _n;
        end if;
        _places := _places || _place;
    end loop;
    return _places;
end
$$;
