-- Where a track rests (Li 2008): from an anchor on, all fixes at most _stay_m from it are one stay if the last of them
-- came _stay_s or more after the anchor; the next anchor is the first fix after the stay, or else the one after the
-- anchor. In arrays, in the order of time, without impossible legs. Per stay a range of numbers from the second of its
-- fixes to the last, each the number of the leg that ends there: ranges of stays that follow each other do not touch.
-- NULL: not found out, for a track that seems to rest at most of its fixes but does not; so the work is bounded.
-- From an anchor it looks at the first fix _stay_s later: only if that is near can there be a stay at all.
create or replace function app.stay_legs(
    _micros bigint[], _latitude double precision[], _longitude double precision[],
    _stay_m double precision, _stay_s double precision
)
returns int4multirange
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    _count constant integer := cardinality(_micros);
    _stay constant bigint := (_stay_s * 1000000)::bigint;
    _anchor integer := 1;
    -- First fix that is _stay later than the anchor.
    _late integer := 1;
    -- A fix after the anchor that was too far from one before; likely to be too far from this one, too.
    _far integer := 0;
    _n integer;
    _budget bigint := 1000000 + 20 * _count::bigint;
    _from integer[] := '{}';
    _until integer[] := '{}';
begin
    loop
        while _late <= _count and _micros[_late] - _micros[_anchor] < _stay loop
            _late := _late + 1;
        end loop;
        exit when _late > _count;
        if analytics.haversine_m(_latitude[_anchor], _longitude[_anchor], _latitude[_late], _longitude[_late]) > _stay_m
            or (_far > _anchor and analytics.haversine_m(
                _latitude[_anchor], _longitude[_anchor], _latitude[_far], _longitude[_far]
            ) > _stay_m)
        then
            _anchor := _anchor + 1;
            continue;
        end if;
        _n := _late - 1;
        while _n > _anchor and analytics.haversine_m(
            _latitude[_anchor], _longitude[_anchor], _latitude[_n], _longitude[_n]
        ) <= _stay_m loop
            _n := _n - 1;
        end loop;
        _budget := _budget - (_late - _n);
        if _budget < 0 then
            return null;
        end if;
        if _n > _anchor then
            _far := _n;
            _anchor := _anchor + 1;
            continue;
        end if;
        _n := _late + 1;
        while _n <= _count and analytics.haversine_m(
            _latitude[_anchor], _longitude[_anchor], _latitude[_n], _longitude[_n]
        ) <= _stay_m loop
            _n := _n + 1;
        end loop;
        _from := _from || _anchor + 1;
        _until := _until || _n;
        exit when _n > _count;
        _anchor := _n;
        _late := greatest(_late, _anchor);
    end loop;
    return (
        select coalesce(range_agg(int4range(s.first, s.until)), '{}')
        from unnest(_from, _until) as s (first, until)
    );
end
$$;
