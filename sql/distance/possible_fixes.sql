-- Leaves out the fixes of a track that could not have been reached: in arrays, in the order of time (microseconds).
-- The longest stretch in which each fix was reached from the one before it, at most at _max_speed_m_s, is taken to be
-- right; on a tie the first. From its ends, forwards and backwards, each fix is compared with the nearest one that was
-- kept. So an outlier leaves out itself and not the rest, also when it is the first. One pass; without outliers nothing
-- is copied.
create or replace function app.possible_fixes(
    _micros bigint[], _latitude double precision[], _longitude double precision[], _max_speed_m_s double precision,
    out micros bigint[], out latitude double precision[], out longitude double precision[]
)
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    -- First fix of each stretch, and one after the last of all.
    _starts integer[] := '{}';
    _longest integer;
    -- Of what is kept: first fixes, and those after the last ones.
    _from integer[];
    _until integer[];
    -- The nearest fix that was kept.
    _nearest integer;
begin
    micros := _micros;
    latitude := _latitude;
    longitude := _longitude;
    -- A loop: twice as fast as a query with a window.
    for _n in 2 .. coalesce(cardinality(_micros), 0) loop
        if analytics.haversine_m(_latitude[_n - 1], _longitude[_n - 1], _latitude[_n], _longitude[_n])
            > _max_speed_m_s * (_micros[_n] - _micros[_n - 1]) / 1000000
        then
            _starts := _starts || _n;
        end if;
    end loop;
    if _starts = '{}' then
        return;
    end if;
    _starts := 1 || _starts || cardinality(_micros) + 1;
    select s.n into _longest
    from unnest(_starts[:cardinality(_starts) - 1], _starts[2:]) with ordinality as s (first, until, n)
    order by s.until - s.first desc, s.n
    limit 1;
    _from := array[_starts[_longest]];
    _until := array[_starts[_longest + 1]];
    _nearest := _starts[_longest + 1] - 1;
    for _stretch in _longest + 1 .. cardinality(_starts) - 1 loop
        for _n in _starts[_stretch] .. _starts[_stretch + 1] - 1 loop
            if analytics.haversine_m(_latitude[_nearest], _longitude[_nearest], _latitude[_n], _longitude[_n])
                <= _max_speed_m_s * (_micros[_n] - _micros[_nearest]) / 1000000
            then
                _from := _from || _n;
                _until := _until || _starts[_stretch + 1];
                _nearest := _starts[_stretch + 1] - 1;
                exit;
            end if;
        end loop;
    end loop;
    _nearest := _starts[_longest];
    for _stretch in reverse _longest - 1 .. 1 loop
        for _n in reverse _starts[_stretch + 1] - 1 .. _starts[_stretch] loop
            if analytics.haversine_m(_latitude[_nearest], _longitude[_nearest], _latitude[_n], _longitude[_n])
                <= _max_speed_m_s * (_micros[_nearest] - _micros[_n]) / 1000000
            then
                _from := _from || _starts[_stretch];
                _until := _until || _n + 1;
                _nearest := _starts[_stretch];
                exit;
            end if;
        end loop;
    end loop;
    select array_agg(t.micros order by t.n), array_agg(t.latitude order by t.n),
        array_agg(t.longitude order by t.n)
    into micros, latitude, longitude
    from (
        select range_agg(int4range(k.first, k.until)) as fixes from unnest(_from, _until) as k (first, until)
    ) as kept
    join unnest(_micros, _latitude, _longitude) with ordinality as t (micros, latitude, longitude, n)
        on kept.fixes @> t.n::integer;
end
$$;
