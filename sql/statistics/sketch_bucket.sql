-- The only place that says which bucket a value falls into. A bucket is 1.01 / 0.99 times as wide as the one before, so
-- that its value is within 1 % of all of it. 40000 is more than any exponent that occurs, so that the order of
-- buckets is that of values.
create or replace function analytics.sketch_bucket(_value double precision)
returns integer
language sql
immutable
parallel safe
begin atomic
    select case
        when abs(_value) < 1e-300 then 0
        when _value > 0 and _value < 'Infinity'
            then 40000 + ceil(ln(_value) / ln(1.01::double precision / 0.99::double precision))::integer
        when _value < 0 and _value > '-Infinity'
            then -40000 - ceil(ln(-_value) / ln(1.01::double precision / 0.99::double precision))::integer
    end;
end;

comment on function analytics.sketch_bucket(double precision) is
'Returns the bucket of a DDSketch with a relative accuracy of 1 % (Masson, Rim, Lee 2019, doi '
'10.14778/3352063.3352135) that a value falls into: 40000 + ceil(ln x / ln(1.01 / 0.99)) for x > 0, the same with a '
'minus before it for -x, 0 for 0 and what is closer to it than 1e-300. Greater buckets have greater values; '
'sketch_value() returns the value of one. NULL: the value is NULL, NaN or infinite.';
