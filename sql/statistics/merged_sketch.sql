-- Sketches are collected first, in place, as by sketch().
create or replace aggregate analytics.merged_sketch(jsonb) (  -- noqa: PRS
    sfunc = array_append,
    stype = jsonb[],
    finalfunc = analytics.sketch_sum,
    combinefunc = array_cat,
    initcond = '{}',
    parallel = safe
);

comment on aggregate analytics.merged_sketch(jsonb) is
'Merges results of analytics.sketch() over separate values into the sketch of all of them. NULLs are skipped.';
