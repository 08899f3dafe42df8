-- The final function of sketch(), which also makes a sketch of an array.
create or replace function analytics.sketch_of(_values double precision[])
returns jsonb
language sql
immutable
parallel safe
begin atomic
    select coalesce(jsonb_object_agg(b.bucket, b.count), '{}')
    from (
        select analytics.sketch_bucket(v.x) as bucket, count(*) as count
        from unnest(_values) as v (x)
        group by analytics.sketch_bucket(v.x)
    ) as b
    where b.bucket is not null;
end;

comment on function analytics.sketch_of(double precision[]) is
'A DDSketch of values: how many of them fall into each bucket, as {bucket: count}, by sketch_bucket(). NULL, NaN and '
'infinite values are skipped. merged_sketch() merges sketches, approx_percentile() reads them.';
