-- The state that avg() and stddev() keep anyway (Youngs and Cramer 1971). One aggregate instead of three per column,
-- and a state that can be stored and merged; a sum of squares would lose all digits of a latitude.
create or replace aggregate analytics.moments(double precision) (  -- noqa: PRS
    sfunc = float8_accum,
    stype = double precision[],
    combinefunc = float8_combine,
    initcond = '{0,0,0}',
    parallel = safe
);

comment on aggregate analytics.moments(double precision) is
'Count, sum and sum of squared deviations from the mean of the values that are not NULL, as {n, sum, m2}; {0, 0, 0} '
'without values. float8_avg() and float8_stddev_samp() compute mean and sample standard deviation from it; '
'analytics.merged_moments() merges several.';
