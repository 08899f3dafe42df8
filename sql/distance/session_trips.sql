-- What lies between the stays: the legs that no stay has, in runs.
create or replace function analytics.session_trips(
    _recording bigint, _stay_m double precision default 50, _stay_s double precision default 300,
    _accuracy_max_m double precision default null, _max_speed_m_s double precision default null,
    _min_gap_s double precision default 60, _gap_factor double precision default 3
)
returns table (
    sensor_type_id integer, sensor text, from_at timestamptz, to_at timestamptz, duration_s double precision,
    fixes integer, distance_m double precision, unjoined_s double precision, from_latitude double precision,
    from_longitude double precision, to_latitude double precision, to_longitude double precision
)
language sql
stable
parallel safe
begin atomic
    with tracks as materialized (
        select
            t.sensor_type_id, t.sensor, k.micros, k.latitude, k.longitude,
            app.stay_legs(k.micros, k.latitude, k.longitude, _stay_m, _stay_s) as stay_legs
        from app.stored_tracks(_recording, _accuracy_max_m) as t
        cross join lateral app.possible_fixes(
            t.used_micros, t.used_latitude, t.used_longitude, coalesce(_max_speed_m_s, app.max_speed_m_s())
        ) as k
        where cardinality(k.micros) > 1
    )
    select
        t.sensor_type_id, t.sensor, ends.from_at, ends.to_at, date_part('epoch', ends.to_at - ends.from_at),
        upper(trip.legs) - lower(trip.legs) + 1 as fixes, way.distance_m, way.unjoined_s,
        t.latitude[lower(trip.legs) - 1] as from_latitude, t.longitude[lower(trip.legs) - 1] as from_longitude,
        t.latitude[upper(trip.legs) - 1] as to_latitude, t.longitude[upper(trip.legs) - 1] as to_longitude
    from tracks as t
    cross join lateral (
        select
            greatest(_min_gap_s, _gap_factor * percentile_cont(0.5) within group (
                order by (leg.until - leg.since) / 1000000.0::double precision
            )) as limit_s
        from unnest(t.micros, t.micros[2:]) as leg (since, until)
    ) as gap
    cross join lateral unnest(
        int4multirange(int4range(2, cardinality(t.micros) + 1)) - t.stay_legs
    ) as trip (legs)
    cross join lateral (
        select
            to_timestamp(t.micros[lower(trip.legs) - 1] / 1000000.0::double precision) as from_at,
            to_timestamp(t.micros[upper(trip.legs) - 1] / 1000000.0::double precision) as to_at
    ) as ends
    cross join lateral (
        select
            sum(leg.metres) filter (where leg.seconds <= gap.limit_s) as distance_m,
            coalesce(sum(leg.seconds) filter (where leg.seconds > gap.limit_s), 0) as unjoined_s
        from (
            select
                (f.micros - lag(f.micros) over track) / 1000000.0::double precision as seconds,
                analytics.haversine_m(
                    lag(f.latitude) over track, lag(f.longitude) over track, f.latitude, f.longitude
                ) as metres
            from unnest(
                t.micros[lower(trip.legs) - 1:upper(trip.legs) - 1],
                t.latitude[lower(trip.legs) - 1:upper(trip.legs) - 1],
                t.longitude[lower(trip.legs) - 1:upper(trip.legs) - 1]
            ) with ordinality as f (micros, latitude, longitude, n)
            window track as (order by f.n)
        ) as leg
    ) as way
    order by t.sensor, ends.from_at;
end;

comment on function analytics.session_trips(
    bigint, double precision, double precision, double precision, double precision, double precision,
    double precision
) is
'Where the phone went during a recording: one row per sensor and trip, in the order of time, of the stored fixes of '
'session_distance() whose accuracy is unknown or at most _accuracy_max_m metres (NULL: all). A trip leads from the '
'first fix, or the last one of a stay, to the first fix of the next stay, or the last one of all; stays as by '
'session_stays() with the same limits. from_at, to_at: its first and last fix; duration_s: seconds between them; '
'fixes: number of them; from_latitude, from_longitude, to_latitude, to_longitude: where these two are, in degrees. '
'distance_m: metres along its legs, by haversine_m(), without those that last longer than the greater of _min_gap_s '
'seconds and _gap_factor times the median interval of all fixes of the sensor; unjoined_s: seconds of these. NULL '
'metres: no leg is left. Positions are not archived: readings that were have no trips any more.';
