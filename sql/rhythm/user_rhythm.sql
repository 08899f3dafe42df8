-- From hours of UTC: the value of each is the mean of all its readings, whichever recordings they come from.
create or replace function analytics.user_rhythm(
    _user bigint, _sensor text, _axis text, _from date default null, _to date default null,
    _timezone text default null
)
returns table (
    hours bigint, interdaily_stability double precision, intradaily_variability double precision,
    l5 double precision, l5_from integer, m10 double precision, m10_from integer, relative_amplitude double precision,
    mesor double precision, amplitude double precision, peak_h double precision
)
language sql
stable
parallel safe
begin atomic
    with means as materialized (
        select h.timezone, h.bucket, float8_avg(analytics.merged_moments(h.moments)) as mean
        from app.user_axes(_user, _from, _to, _timezone, 60, _sensor, _axis) as h
        where h.sensor = _sensor and h.axis = _axis
        group by h.timezone, h.bucket
    )
    select r.*
    from (
        select
            m.timezone, array_agg(m.bucket order by m.bucket) as buckets,
            array_agg(m.mean order by m.bucket) as means
        from means as m
        group by m.timezone
    ) as series
    cross join lateral analytics.rhythm(series.buckets, series.means, series.timezone) as r;
end;

comment on function analytics.user_rhythm(bigint, text, text, date, date, text) is
'The daily rhythm of an axis of a sensor (such as accelerometer, magnitude) of a user on the days from _from to _to, '
'both included (as in user_period()), in a time zone (_timezone: IANA name; by default that of the user): rhythm() of '
'the means of its UTC hours, as in session_rollup(), that begin on these days; archived readings included. One row, '
'with columns and sources as there, in the unit the phone sent. No row: there is no such user, or no hour has a value.';
