-- Values are collected first: a state of buckets would be copied at each value.
create or replace aggregate analytics.sketch(double precision) (  -- noqa: PRS
    sfunc = array_append,
    stype = double precision[],
    finalfunc = analytics.sketch_of,
    combinefunc = array_cat,
    initcond = '{}',
    parallel = safe
);

comment on aggregate analytics.sketch(double precision) is
'A DDSketch of the values that are not NULL, for approx_percentile(): see sketch_of().';
