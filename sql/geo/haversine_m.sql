-- Haversine on a sphere of the Earth's mean radius, 6,371,008.8 m (IUGG).
create or replace function analytics.haversine_m(
    _latitude1 double precision, _longitude1 double precision, _latitude2 double precision, _longitude2 double precision
)
returns double precision
language sql
immutable
parallel safe
-- least() passes over a NULL: without `strict`, an unknown point would lie on the other side of the Earth.
strict
begin atomic
    -- Rounding can lift the sum above 1 for points opposite each other.
    select 2 * 6371008.8 * asin(sqrt(least(
        1,
        power(sin(radians(_latitude2 - _latitude1) / 2), 2)
        + cos(radians(_latitude1)) * cos(radians(_latitude2)) * power(sin(radians(_longitude2 - _longitude1) / 2), 2)
    )));
end;

comment on function analytics.haversine_m(double precision, double precision, double precision, double precision) is
'Returns the distance between two points in metres along the great circle, by the haversine formula on a sphere with '
'the mean radius of the Earth, 6,371,008.8 m (IUGG); up to 0.6 % off the ellipsoid. Latitudes and longitudes in '
'degrees (WGS 84). NULL when any of them is NULL.';
