-- The first bucket up to which more values lie than the rank that is asked for.
create or replace function analytics.approx_percentile(_sketch jsonb, _fraction double precision)
returns double precision
language sql
immutable
parallel safe
begin atomic
    select analytics.sketch_value(b.bucket)
    from (
        select
            c.bucket, sum(c.count) over (order by c.bucket) as up_to, sum(c.count) over () as n
        from jsonb_each_text(_sketch) as e
        cross join lateral (select e.key::integer as bucket, e.value::bigint as count) as c
    ) as b
    where b.up_to > floor(_fraction * (b.n - 1)) and _fraction between 0 and 1
    order by b.bucket
    limit 1;
end;

comment on function analytics.approx_percentile(jsonb, double precision) is
'The value at the fraction _fraction (0 to 1; 0.5: the median) of a sketch: within 1 % of the value at rank '
'floor(_fraction * (n - 1)), counted from 0 in ascending order; percentile_cont() interpolates between ranks instead. '
'NULL: the sketch is NULL or empty, or the fraction is not between 0 and 1.';
