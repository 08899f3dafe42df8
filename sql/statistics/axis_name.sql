-- The axis at a place, as in analytics.axis_value(); 10 and 11 are coordinates, which have no statistics. NULL: a key
-- of extra, which has a name of its own. In app, as analysts see places in what uses it.
create or replace function app.axis_name(_place integer, _value_key text)
returns text
language sql
immutable
parallel safe
begin atomic
    select (array[
        'magnitude', 'x', 'y', 'z', _value_key, 'speed', 'altitude', 'accuracy', null, 'latitude', 'longitude'
    ])[_place];
end;
