-- The only place that says which bucket a value falls into. gamma = (1 + a) / (1 - a) with a = 1 %.
create or replace function analytics.sketch_of(_values double precision[])
returns jsonb
language sql
immutable
parallel safe
begin atomic
    select coalesce(jsonb_object_agg(b.bucket, b.count), '{}')
    from (
        select
            case sign(v.x)
                when 0 then '0'
                when 1 then '+' || ceil(ln(v.x) / ln(1.01 / 0.99))::integer
                else '-' || ceil(ln(-v.x) / ln(1.01 / 0.99))::integer
            end as bucket,
            count(*) as count
        from unnest(_values) as v (x)
        where v.x is not null
        group by 1
    ) as b;
end;

comment on function analytics.sketch_of(double precision[]) is
'A DDSketch of values with a relative accuracy of 1 % (Masson, Rim, Lee 2019, doi 10.14778/3352063.3352135): how many '
'values fall into each bucket, as {"+i": count, "-i": count, "0": count}, i = ceil(ln |x| / ln(1.01 / 0.99)), by sign. '
'NULLs are skipped. merged_sketch() merges sketches, approx_percentile() reads them.';
