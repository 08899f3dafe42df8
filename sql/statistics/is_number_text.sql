-- The same rule as koodtx/readings/text_numbers.py.
create or replace function analytics.is_number_text(_value jsonb)
returns boolean
language sql
immutable
parallel safe
begin atomic
    select
        jsonb_typeof(_value) = 'string' and length(_value #>> '{}') <= 64
        and (_value #>> '{}') ~ '^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?$';
end;

comment on function analytics.is_number_text(jsonb) is
'Returns whether a value of extra is a number that was sent as text, such as "0.12": written as in JSON, at most 64 '
'characters and two digits of exponent. Statistics leave it out; (extra ->> key)::double precision is the number.';
