-- Distances are sums of minute_distance(), as all are; the rest comes from one track of the user's fixes: what they say
-- by themselves from track_days(), what their stays say from placed_stays().
create or replace function analytics.user_mobility(
    _user bigint, _from date default null, _to date default null, _timezone text default null,
    _stay_m double precision default 50, _stay_s double precision default 300,
    _place_m double precision default 200, _gap_s double precision default 120,
    _accuracy_max_m double precision default 20
)
returns table (
    day date, distance_m double precision, moving_m double precision, unjoined_s double precision, fixes bigint,
    recorded_s double precision, missing double precision, radius_of_gyration_m double precision,
    home_latitude double precision, home_longitude double precision, home_s double precision,
    farthest_m double precision, stay_s double precision, places bigint, entropy double precision
)
language sql
stable
parallel safe
begin atomic
    with days as materialized (
        select
            d.*, row_number() over (order by d.day)::integer as n,
            date_part('epoch', d.until_at - d.from_at) as length_s,
            (date_part('epoch', d.from_at) * 1000000)::bigint as from_micros,
            (date_part('epoch', d.until_at) * 1000000)::bigint as until_micros
        from analytics.user_days(_user, _from, _to, _timezone) as d
        where _gap_s >= 0
    ),
    period as materialized (
        select
            min(d.from_at) as from_at, max(d.until_at) as until_at,
            min(d.from_at) - interval '24 hours' as track_from_at,
            max(d.until_at) + interval '24 hours' as track_until_at,
            array_agg(d.from_micros order by d.n) || max(d.until_micros) as begins,
            least(_gap_s, 86400) * 1000000 as gap_micros
        from days as d
        having count(*) > 0
    ),
    minutes as materialized (
        select
            s.recording_id, m.*,
            width_bucket((date_part('epoch', m.bucket) * 1000000)::bigint, period.begins) as n
        from period
        join analytics.sessions as s
            on s.user_id = _user and s.last_reading_at >= period.track_from_at
            and s.first_reading_at < period.track_until_at
        cross join lateral analytics.minute_distance(
            s.recording_id, _accuracy_max_m, _stay_m => _stay_m, _stay_s => _stay_s
        ) as m
        where m.is_counted
    ),
    recordings as (
        select array_agg(r.recording_id) as ids, array_agg(r.sensor_type_id) as sensor_type_ids
        from (select distinct m.recording_id, m.sensor_type_id from minutes as m) as r
    ),
    distances as (
        select
            m.n, sum(m.gated_m) as distance_m, sum(m.moving_m) as moving_m, sum(m.unjoined_s) as unjoined_s,
            -- Minutes that were archived with other limits: a sum of the others would be too small.
            count(m.fixes_used) = count(*) as is_known, bool_or(a.bucket is not null) as is_archived
        from minutes as m
        left join app.archived_distance as a
            on a.recording_id = m.recording_id and a.sensor_type_id = m.sensor_type_id and a.bucket = m.bucket
        group by m.n
    ),
    track as materialized (
        select
            t.*, app.stay_legs(t.micros, t.latitude, t.longitude, _stay_m, _stay_s) as legs,
            -- The last fix of all records nothing.
            latest.at >= period.track_until_at as goes_on
        from period
        cross join recordings
        cross join lateral app.user_track(
            recordings.ids, recordings.sensor_type_ids, period.track_from_at, period.track_until_at, _accuracy_max_m
        ) as t
        cross join lateral (
            select max(n.to_at) as at
            from analytics.sessions as s
            cross join lateral (
                select n.sensor_type_id, n.to_at
                from analytics.session_sensors as n
                where n.recording_id = s.recording_id
                offset 0  -- noqa: AM09
            ) as n
            where s.user_id = _user and s.last_reading_at >= period.track_until_at
                and n.sensor_type_id = any(recordings.sensor_type_ids)
        ) as latest
    ),
    stays as materialized (
        select s.*
        from period
        cross join track as t
        cross join lateral app.placed_stays(
            t.micros, t.latitude, t.longitude, t.legs, _place_m, period.from_at, period.until_at
        ) as s
    ),
    nights as (
        select
            s.place, s.place_latitude, s.place_longitude,
            sum(date_part('epoch', least(s.to_at, night.until_at) - greatest(s.from_at, d.from_at))) as seconds
        from days as d
        cross join lateral (
            select app.local_instant(d.day + time '06:00', d.timezone) as until_at
        ) as night
        join stays as s on s.from_at < night.until_at and s.to_at > d.from_at
        group by s.place, s.place_latitude, s.place_longitude
    ),
    home as (
        select n.* from nights as n order by n.seconds desc, n.place asc limit 1
    ),
    day_places as (
        select
            d.n, s.place,
            sum(date_part('epoch', least(s.to_at, d.until_at) - greatest(s.from_at, d.from_at))) as seconds
        from days as d
        join stays as s on s.from_at < d.until_at and s.to_at > d.from_at
        group by d.n, s.place
    ),
    rests as (
        select
            p.n, count(*) as places, sum(p.seconds) as stay_s,
            coalesce(sum(p.seconds) filter (where p.place = home.place), 0) as home_s,
            abs(sum(p.seconds / total.seconds * ln(p.seconds / total.seconds))) as entropy
        from day_places as p
        join (select q.n, sum(q.seconds) as seconds from day_places as q group by q.n) as total on total.n = p.n
        left join home on true
        group by p.n
    ),
    tracked as (
        select k.*
        from period
        cross join track as t
        left join home on true
        cross join lateral app.track_days(
            t.micros, t.latitude, t.longitude, period.begins, period.gap_micros, t.goes_on, home.place_latitude,
            home.place_longitude
        ) as k
    )
    select
        d.day, case when m.is_known then m.distance_m end as distance_m,
        case when m.is_known then m.moving_m end as moving_m,
        case when m.is_known then m.unjoined_s end as unjoined_s,
        case when is_whole.it then coalesce(k.fixes, 0) end as fixes,
        case when is_whole.it then k.recorded_s end as recorded_s,
        case when is_whole.it then 1 - k.recorded_s / d.length_s end as missing,
        case when is_whole.it then k.radius_of_gyration_m end as radius_of_gyration_m,
        home.place_latitude as home_latitude, home.place_longitude as home_longitude,
        case
            when is_whole.it and home.place is not null and (r.n is not null or k.fixes is not null)
                then coalesce(r.home_s, 0)
        end as home_s,
        case when is_whole.it then k.farthest_m end as farthest_m,
        case when is_whole.it and has_stays.it then coalesce(r.stay_s, 0) end as stay_s,
        case when is_whole.it and has_stays.it then coalesce(r.places, 0) end as places,
        case when is_whole.it then r.entropy end as entropy
    from days as d
    left join track as t on true
    left join distances as m on m.n = d.n
    join tracked as k on k.n = d.n
    left join rests as r on r.n = d.n
    left join home on true
    cross join lateral (select m.is_archived is not true as it) as is_whole
    cross join lateral (select r.n is not null or (k.fixes is not null and t.legs is not null) as it) as has_stays
    order by d.day;
end;

comment on function analytics.user_mobility(
    bigint, date, date, text, double precision, double precision, double precision, double precision, double precision
) is
'How a user moved each day of a time zone (_timezone: IANA name; by default that of the user) from _from to _to, both '
'included (as in user_period()): one row per day, also where there is nothing. distance_m, moving_m, unjoined_s: sums '
'of gated_m, moving_m and unjoined_s of minute_distance() with the same limits, of the counted sensor of each '
'recording. Everything else comes from the fixes of user_stays(), whose limits _stay_m, _stay_s, _place_m and '
'_accuracy_max_m are. fixes: number of them. recorded_s: each fix records the time to the next one, at most _gap_s '
'seconds (up to a day), the last of all nothing, cut at midnight; missing: 1 - recorded_s by the length of the day '
'(Barnett and Onnela 2020, doi 10.1093/biostatistics/kxy059). radius_of_gyration_m: square root of the mean squared '
'distance of the fixes from their centre, the mean of latitude and of longitude (Canzian and Musolesi 2015, doi '
'10.1145/2750858.2805845). home_latitude, home_longitude: of the place with most stay time between midnight and 6 h '
'over all days from _from to _to, the same on each; home_s: stay time there; farthest_m: the largest distance of a fix '
'from it. stay_s: time of stays, places: number of places with any, entropy: -sum(p ln p) of their shares p of it. A '
'stay over midnight is one stay: its time is cut there, each day has its part, also of hours without a fix within it. '
'NULL: not known, for lack of fixes, stays or nights; 0: there are fixes and none of it. Archived readings: distances '
'are kept, with the default limits; a day with archived fixes has nothing else, and they count in no home. No rows: no '
'such user or days.';
