-- Pure arithmetic on hourly values, whatever they come from. Sums of squares come from the regression aggregates, which
-- do not lose digits as sums of products would.
create or replace function analytics.rhythm(
    _hours timestamptz[], _values double precision[], _timezone text default 'UTC'
)
returns table (
    hours bigint, interdaily_stability double precision, intradaily_variability double precision,
    l5 double precision, l5_from integer, m10 double precision, m10_from integer, relative_amplitude double precision,
    mesor double precision, amplitude double precision, peak_h double precision
)
language sql
immutable
parallel safe
begin atomic
    with series as (
        select
            v.at, v.x, date_part('hour', v.at at time zone _timezone)::integer as h,
            v.x - lag(v.x) over w as step, v.at - lag(v.at) over w = interval '1 hour' as follows
        from unnest(_hours, _values) as v (at, x)
        where v.x is not null
        window w as (order by v.at)
    ),
    totals as (
        select
            count(*) as n, avg(s.x) as mean,
            case when min(s.x) < max(s.x) then regr_sxx(s.x, s.x) else 0 end as squares,
            avg(s.step * s.step) filter (where s.follows) as step_squares
        from series as s
    ),
    profile as (
        select s.h, avg(s.x) as x from series as s group by s.h
    ),
    stretches as (
        select
            p.h, w.length, avg(q.x) as mean
        from profile as p
        cross join (values (5), (10)) as w (length)
        join profile as q on (q.h - p.h + 24) % 24 < w.length
        group by p.h, w.length
        having count(*) = w.length
    ),
    stable as (
        select sum((p.x - t.mean) * (p.x - t.mean)) as squares from profile as p cross join totals as t
    ),
    lowest as (
        select s.mean, s.h from stretches as s where s.length = 5 order by s.mean, s.h limit 1
    ),
    highest as (
        select s.mean, s.h from stretches as s where s.length = 10 order by s.mean desc, s.h asc limit 1
    ),
    waves as (
        select s.x, cos(2 * pi() * s.h / 24) as c, sin(2 * pi() * s.h / 24) as d from series as s
    ),
    products as (
        select
            avg(w.c) as c, avg(w.d) as d, regr_sxx(w.c, w.c) as cc, regr_sxx(w.d, w.d) as dd, regr_sxy(w.c, w.d) as cd,
            regr_sxy(w.x, w.c) as xc, regr_sxy(w.x, w.d) as xd
        from waves as w
    ),
    fitted as (
        select
            p.c, p.d, (p.xc * p.dd - p.xd * p.cd) / nullif(p.cc * p.dd - p.cd * p.cd, 0) as b,
            (p.xd * p.cc - p.xc * p.cd) / nullif(p.cc * p.dd - p.cd * p.cd, 0) as a
        from products as p
    )
    select
        t.n as hours, t.n * stable.squares / (24 * nullif(t.squares, 0)) as interdaily_stability,
        t.step_squares / (nullif(t.squares, 0) / t.n) as intradaily_variability,
        lowest.mean as l5, lowest.h as l5_from, highest.mean as m10, highest.h as m10_from,
        (highest.mean - lowest.mean) / nullif(highest.mean + lowest.mean, 0) as relative_amplitude,
        case when t.squares = 0 then t.mean else t.mean - f.b * f.c - f.a * f.d end as mesor,
        case when t.squares = 0 then 0 else sqrt(f.b * f.b + f.a * f.a) end as amplitude,
        case when t.squares > 0 then (24 + atan2(f.a, f.b) * 12 / pi())::numeric % 24 end::double precision as peak_h
    from totals as t
    cross join stable
    cross join fitted as f
    left join lowest on true
    left join highest on true
    where t.n > 0;
end;

comment on function analytics.rhythm(timestamptz[], double precision[], text) is
'The daily rhythm of hourly values: one row. _hours: starts of UTC hours; _values: a value for each; missing hours are '
'left out, not filled. Hours are labelled by the local hour of _timezone at their start. hours: number of values. '
'interdaily_stability (IS), intradaily_variability (IV), l5, m10 (smallest and largest mean of 5 and 10 consecutive '
'hours of the mean day, which is circular), l5_from, m10_from (the local hours where they begin, the first on a tie), '
'relative_amplitude (RA = (M10 - L5) / (M10 + L5)): van Someren 1999 (doi 10.3109/07420529908998724). mesor, '
'amplitude, peak_h (local hours, 0 to 24): cosinor by least squares (Nelson 1979). NULL: values that are all equal '
'have no IS, IV and peak; a mean day with holes may have no l5 or m10. No row: no values.';
