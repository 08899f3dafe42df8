-- counter_partials() of all values from those of consecutive parts, in order.
create or replace aggregate app.merged_counters(double precision[]) (  -- noqa: PRS
    sfunc = app.counter_join,
    stype = double precision[],
    parallel = safe
);
