-- What counter_step() makes of values in order: {first, last, increase}. NULL: there were none.
create or replace aggregate app.counter_partials(double precision) (  -- noqa: PRS
    sfunc = app.counter_step,
    stype = double precision[],
    parallel = safe
);
