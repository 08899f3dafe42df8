-- The place of an axis that somebody names, as in app.axis_readings(). NULL: it is none. A bearing is none: half way
-- between 359 and 1 degrees is not 180.
create or replace function app.named_axis(_axis text, _value_key text)
returns integer
language sql
immutable
parallel safe
begin atomic
    select case _axis
        when 'magnitude' then 1
        when 'x' then 2
        when 'y' then 3
        when 'z' then 4
        when 'latitude' then 10
        when 'longitude' then 11
        when 'bearing' then null
        when _value_key then 5
        else app.axis_place(_axis)
    end;
end;
