-- Haversine on a sphere of the Earth's mean radius, 6,371,008.8 m (IUGG). Not `strict`, which would keep the planner
-- from inlining it: a call for each of a million legs takes five times as long.
create or replace function analytics.haversine_m(
    _latitude1 double precision, _longitude1 double precision, _latitude2 double precision, _longitude2 double precision
)
returns double precision
language sql
immutable
parallel safe
begin atomic
    select
        case
            -- Neither NULL, which least() passes over, nor NaN, which it takes for the largest number, nor infinite,
            -- of which there is no sine: such a point would lie on the other side of the Earth.
            when abs(_latitude1) < 'infinity' and abs(_longitude1) < 'infinity'
                and abs(_latitude2) < 'infinity' and abs(_longitude2) < 'infinity'
                then 2 * 6371008.8 * asin(sqrt(least(
                    -- Rounding can lift the sum above 1 for points opposite each other.
                    1,
                    power(sin(radians(_latitude2 - _latitude1) / 2), 2)
                    + cos(radians(_latitude1)) * cos(radians(_latitude2))
                    * power(sin(radians(_longitude2 - _longitude1) / 2), 2)
                )))
        end;
end;

comment on function analytics.haversine_m(double precision, double precision, double precision, double precision) is
'Returns the distance between two points in metres along the great circle, by the haversine formula on a sphere with '
'the mean radius of the Earth, 6,371,008.8 m (IUGG); up to 0.6 % off the ellipsoid. Latitudes and longitudes in '
'degrees (WGS 84). NULL when any of them is NULL, NaN or infinite.';
