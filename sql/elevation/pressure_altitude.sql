-- International Standard Atmosphere below 11 km: T0 288.15 K, L 0.0065 K/m, g 9.80665 m/s2, R 287.05287 J/(kg K).
create or replace function analytics.pressure_altitude(
    _pressure_hpa double precision, _sea_level_hpa double precision default 1013.25
)
returns double precision
language sql
immutable
parallel safe
begin atomic
    select case
        when _pressure_hpa > 0 and _sea_level_hpa > 0
            then 288.15 / 0.0065 * (1 - power(_pressure_hpa / _sea_level_hpa, 0.0065 * 287.05287 / 9.80665))
    end;
end;

comment on function analytics.pressure_altitude(double precision, double precision) is
'The altitude in metres at which the International Standard Atmosphere (ISO 2533:1975) has a pressure, in hPa; '
'_sea_level_hpa: the pressure at sea level, 1013.25 by default. Valid to 11 km. Differences of a recording are more '
'exact than altitudes, as the weather moves all of them. NULL: a pressure is NULL or not positive.';
