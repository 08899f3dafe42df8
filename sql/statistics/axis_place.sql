-- The place of an axis that is not one of x, y, z, magnitude and the sensor's own value (1 to 5): the order in which
-- metrics and rollups show axes. In app, as analysts see places in what uses it.
create or replace function app.axis_place(_axis text)
returns integer
language sql
immutable
parallel safe
begin atomic
    select case _axis when 'speed' then 6 when 'altitude' then 7 when 'accuracy' then 8 else 9 end;
end;
