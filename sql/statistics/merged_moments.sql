-- moments() of moments: merges what was computed separately, minute by minute or by several processes. No initial
-- state: the first one that is not NULL is it.
create or replace aggregate analytics.merged_moments(double precision[]) (  -- noqa: PRS
    sfunc = float8_combine,
    stype = double precision[],
    combinefunc = float8_combine,
    parallel = safe
);

comment on aggregate analytics.merged_moments(double precision[]) is
'Merges results of analytics.moments() over separate readings into the result over all of them. NULLs are skipped; '
'NULL: there was nothing else.';
