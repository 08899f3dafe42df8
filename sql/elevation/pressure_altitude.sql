-- International Standard Atmosphere below 11 km: T0 288.15 K, L 0.0065 K/m, g 9.80665 m/s2, R 287.05287 J/(kg K).
create or replace function analytics.pressure_altitude(
    _pressure double precision, _sea_level_hpa double precision default 1013.25, _unit text default 'hPa'
)
returns double precision
language sql
immutable
parallel safe
begin atomic
    select case
        when _pressure > 0 and _sea_level_hpa > 0
            then 288.15 / 0.0065 * (
                1 - power(
                    _pressure / _sea_level_hpa
                    * case _unit when 'hPa' then 1 when 'kPa' then 10 when 'Pa' then 0.01 end,
                    0.0065 * 287.05287 / 9.80665
                )
            )
    end;
end;

comment on function analytics.pressure_altitude(double precision, double precision, text) is
'The altitude in metres at which the International Standard Atmosphere (ISO 2533:1975) has this pressure. _unit: that '
'of _pressure, hPa (also called mbar), kPa or Pa; _sea_level_hpa: the pressure at sea level in hPa, 1013.25 by '
'default. Valid to 11 km. The weather moves all altitudes of a recording together (1 hPa is about 8 m), so differences '
'are more exact than altitudes. NULL: a pressure is NULL or not positive, or _unit is another.';
