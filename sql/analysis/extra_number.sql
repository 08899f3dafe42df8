-- The bounds are those of the columns (koodtx/readings/column_rules.py): what lies beyond could overflow a statistic.
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
'A value of extra as a number that statistics can take. NULL: it is none, or its size is not 0 and not 1e-100 to '
'1e100.';
