-- 2 gamma^i / (gamma + 1) is (1 + a) gamma^(i - 1), which is no less exact and overflows at the last bucket only.
-- Beyond the buckets of doubles a power would not be one.
create or replace function analytics.sketch_value(_bucket integer)
returns double precision
language sql
immutable
parallel safe
begin atomic
    select case
        when _bucket = 0 then 0
        when abs(_bucket) between 5000 and 75488 then sign(_bucket) * 1.01 * least(
            power(1.01::double precision / 0.99::double precision, abs(_bucket) - 40001),
            1.79e308::double precision / 1.01
        )
    end;
end;

comment on function analytics.sketch_value(integer) is
'Returns the value that stands for a bucket of a sketch: within 1 % of every value for which sketch_bucket() returns '
'it. NULL: no double has that bucket.';
