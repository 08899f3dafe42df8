create or replace function analytics.approx_percentile(_sketch jsonb, _fraction double precision)
returns double precision
language sql
immutable
parallel safe
begin atomic
    with buckets as (
        select
            b.count,
            case left(e.key, 1)
                when '0' then 0
                when '+' then v.size
                else -v.size
            end as value
        from jsonb_each_text(_sketch) as e
        cross join lateral (select e.value::bigint as count) as b
        cross join lateral (
            select 2 * power(g.gamma, case when e.key = '0' then 0 else substr(e.key, 2)::integer end) / (g.gamma + 1) as size
            from (select 1.01 / 0.99::double precision as gamma) as g
        ) as v
    ),
    ranked as (
        select b.value, sum(b.count) over (order by b.value) as up_to, sum(b.count) over () as n from buckets as b
    )
    select r.value
    from ranked as r
    where r.up_to > floor(_fraction * (r.n - 1)) and _fraction between 0 and 1
    order by r.value
    limit 1;
end;

comment on function analytics.approx_percentile(jsonb, double precision) is
'The value at the fraction _fraction (0 to 1; 0.5: the median) of a sketch: within 1 % of the value at rank '
'floor(_fraction * (n - 1)), counted from 0 in ascending order; percentile_cont() interpolates between ranks instead. '
'NULL: the sketch is NULL or empty, or the fraction is not between 0 and 1.';
