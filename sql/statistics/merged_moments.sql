-- moments() of moments: what was counted apart, minute by minute or by several processes, put together.
create or replace aggregate analytics.merged_moments(double precision[]) (  -- noqa: PRS
    sfunc = float8_combine,
    stype = double precision[],
    combinefunc = float8_combine,
    initcond = '{0,0,0}',
    parallel = safe
);

comment on aggregate analytics.merged_moments(double precision[]) is
'Merges states of analytics.moments() of separate readings into that of all of them. NULL states count nothing.';
