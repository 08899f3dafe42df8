-- What the fixes of a track, in arrays, say of each day by themselves. Days are given by their beginnings and the end
-- of the last, in microseconds as the fixes: the number of a fix's day is found in them, as a join by ranges would
-- compare each fix with every day. _goes_on: there are fixes after the track; the last fix of all records nothing.
-- fixes NULL: none.
create or replace function app.track_days(
    _micros bigint[], _latitude double precision[], _longitude double precision[], _begins bigint[],
    _gap_micros double precision, _goes_on boolean, _home_latitude double precision, _home_longitude double precision
)
returns table (
    n integer, fixes bigint, recorded_s double precision, radius_of_gyration_m double precision,
    farthest_m double precision
)
language sql
immutable
parallel safe
begin atomic
    with fixes as materialized (
        select
            width_bucket(f.micros, _begins) as n, f.micros, f.latitude, f.longitude,
            -- West of the 180th meridian as east of it.
            f.longitude + case when f.longitude < 0 then 360 else 0 end as eastward,
            coalesce(f.next_micros, case when _goes_on then f.micros + _gap_micros else f.micros end) as next_micros
        from unnest(_micros, _micros[2:], _latitude, _longitude) as f (micros, next_micros, latitude, longitude)
    ),
    -- Day 0 is the time before the first; there is one after the last, too.
    centres as materialized (
        select
            f.n, count(*) as fixes, avg(f.latitude) as latitude,
            case
                when max(f.longitude) - min(f.longitude) > max(f.eastward) - min(f.eastward) then avg(f.eastward)
                else avg(f.longitude)
            end as longitude,
            sum(least(f.next_micros - f.micros, _gap_micros)) as recorded_micros,
            max(least(f.next_micros, f.micros + _gap_micros)) as recorded_until
        from fixes as f
        group by f.n
    ),
    extents as (
        select
            c.n, sqrt(avg(from_centre.metres * from_centre.metres)) as radius_of_gyration_m,
            max(analytics.haversine_m(_home_latitude, _home_longitude, f.latitude, f.longitude)) as farthest_m
        from fixes as f
        join centres as c on c.n = f.n
        cross join lateral (
            select analytics.haversine_m(c.latitude, c.longitude, f.latitude, f.longitude) as metres
        ) as from_centre
        group by c.n
    )
    select
        d.n, c.fixes,
        (
            coalesce(c.recorded_micros - greatest(c.recorded_until - _begins[d.n + 1], 0), 0)
            -- What the last fix before the day records of it.
            + greatest(least(coalesce(before.recorded_until, 0), _begins[d.n + 1]) - _begins[d.n], 0)
        ) / 1000000.0::double precision as recorded_s,
        e.radius_of_gyration_m, e.farthest_m
    from generate_series(1, cardinality(_begins) - 1) as d (n)
    left join centres as c on c.n = d.n
    left join extents as e on e.n = d.n
    cross join lateral (
        select max(other.recorded_until) as recorded_until from centres as other where other.n < d.n
    ) as before;
end;
