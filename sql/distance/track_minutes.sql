-- The legs of a track, in arrays in the order of time, per minute of their later fixes. raw_m: all legs; joined_m and
-- joined_s: those that last no longer than the gap limit, the greater of _min_gap_s and _gap_factor times the median;
-- moving_m: without those within a stay; unjoined_s: seconds of longer ones. NULL metres: there is no such leg.
create or replace function app.track_minutes(
    _micros bigint[], _latitude double precision[], _longitude double precision[],
    _min_gap_s double precision, _gap_factor double precision, _max_speed_m_s double precision,
    _stay_m double precision, _stay_s double precision
)
returns table (
    bucket timestamptz, fixes bigint, raw_m double precision, joined_m double precision, moving_m double precision,
    joined_s double precision, unjoined_s double precision
)
language sql
stable
parallel safe
begin atomic
    with kept as materialized (
        select k.micros, k.latitude, k.longitude
        from app.possible_fixes(_micros, _latitude, _longitude, _max_speed_m_s) as k
    ),
    stays as materialized (
        select app.stay_legs(kept.micros, kept.latitude, kept.longitude, _stay_m, _stay_s) as legs from kept
    ),
    pairs as (
        select
            t.n::integer as n, t.micros, t.latitude, t.longitude, lag(t.micros) over track as from_micros,
            lag(t.latitude) over track as from_latitude, lag(t.longitude) over track as from_longitude
        from kept
        cross join lateral unnest(kept.micros, kept.latitude, kept.longitude)
            with ordinality as t (micros, latitude, longitude, n)
        window track as (order by t.n)
    ),
    legs as materialized (
        select
            p.n, p.micros / 60000000 as minute, (p.micros - p.from_micros) / 1000000.0::double precision as seconds,
            analytics.haversine_m(p.from_latitude, p.from_longitude, p.latitude, p.longitude) as metres
        from pairs as p
    ),
    gap as materialized (
        select
            greatest(_min_gap_s, _gap_factor * percentile_cont(0.5) within group (order by legs.seconds)) as limit_s
        from legs
    )
    select
        to_timestamp(l.minute * 60) as bucket, count(*) as fixes, sum(l.metres) as raw_m,
        sum(l.metres) filter (where l.seconds <= gap.limit_s) as joined_m,
        sum(case when stays.legs @> l.n then 0 when not stays.legs @> l.n then l.metres end)
            filter (where l.seconds <= gap.limit_s) as moving_m,
        sum(l.seconds) filter (where l.seconds <= gap.limit_s) as joined_s,
        coalesce(sum(l.seconds) filter (where l.seconds > gap.limit_s), 0) as unjoined_s
    from legs as l
    cross join gap
    cross join stays
    group by l.minute;
end;
