-- Wider than columns, which take numbers up to 2^53 exactly (koodtx/readings/column_rules.py). Beyond 1e100 a squared
-- deviation could overflow a double, below 1e-100 underflow.
create or replace function analytics.extra_number(_value jsonb)
returns double precision
language sql
immutable
parallel safe
begin atomic
    select case
        when jsonb_typeof(_value) <> 'number' then null
        when _value::numeric = 0 then 0
        when abs(_value::numeric) between 1e-100 and 1e100 then _value::numeric::double precision
    end;
end;

comment on function analytics.extra_number(jsonb) is
'Returns a value of extra as a number for statistics. NULL: it is not a number, or its size is neither 0 nor between '
'1e-100 and 1e100.';
