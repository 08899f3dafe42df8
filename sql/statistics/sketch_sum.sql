-- The final function of merged_sketch(). Counts are added up per bucket, which is why nothing is lost by merging.
create or replace function analytics.sketch_sum(_sketches jsonb[])
returns jsonb
language sql
immutable
parallel safe
begin atomic
    select jsonb_object_agg(b.bucket, b.count)
    from (
        select e.key as bucket, sum(e.value::bigint) as count
        from unnest(_sketches) as s (sketch)
        cross join lateral jsonb_each_text(s.sketch) as e
        group by e.key
    ) as b;
end;

comment on function analytics.sketch_sum(jsonb[]) is
'The sum of several sketches, which equals the sketch of all their values. NULL: none has a value.';
