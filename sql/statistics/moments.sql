-- The state that avg() and stddev() keep anyway (Youngs and Cramer). One aggregate instead of three a column,
-- and states can be merged and stored; a sum of squares would lose all digits of a latitude.
create or replace aggregate analytics.moments(double precision) (  -- noqa: PRS
    sfunc = float8_accum,
    stype = double precision[],
    combinefunc = float8_combine,
    initcond = '{0,0,0}',
    parallel = safe
);

comment on aggregate analytics.moments(double precision) is
'Count, sum and sum of squared deviations from the mean of the values that are not NULL, as {n, sum, m2}. '
'float8_avg() and float8_stddev_samp() make the mean and the sample deviation of it; analytics.merged_moments() '
'merges several into what all values together would have given.';
