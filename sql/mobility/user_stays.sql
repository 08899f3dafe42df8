-- Stays of the user's whole track: they do not end where a recording does. Searched with a day before and after, so
-- that those that reach over the ends of the period are whole.
create or replace function analytics.user_stays(
    _user bigint, _from date default null, _to date default null, _timezone text default null,
    _stay_m double precision default 50, _stay_s double precision default 300,
    _place_m double precision default 200, _accuracy_max_m double precision default 20
)
returns table (
    from_at timestamptz, to_at timestamptz, duration_s double precision, fixes integer, latitude double precision,
    longitude double precision, place integer, place_latitude double precision, place_longitude double precision
)
language sql
stable
parallel safe
begin atomic
    select
        s.from_at, s.to_at, date_part('epoch', s.to_at - s.from_at) as duration_s, s.fixes, s.latitude, s.longitude,
        s.place, s.place_latitude, s.place_longitude
    from analytics.user_period(_user, _from, _to, _timezone) as period
    cross join lateral (
        select
            period.from_at - interval '24 hours' as from_at, period.until_at + interval '24 hours' as until_at
    ) as span
    cross join lateral (
        select
            array_agg(r.recording_id) as ids,
            array_agg(app.counted_sensor(r.recording_id, _accuracy_max_m)) as sensor_type_ids
        from analytics.sessions as r
        where r.user_id = _user and r.last_reading_at >= span.from_at and r.first_reading_at < span.until_at
    ) as recordings
    cross join lateral app.user_track(
        recordings.ids, recordings.sensor_type_ids, span.from_at, span.until_at, _accuracy_max_m
    ) as t
    cross join lateral app.placed_stays(
        t.micros, t.latitude, t.longitude, app.stay_legs(t.micros, t.latitude, t.longitude, _stay_m, _stay_s),
        _place_m, period.from_at, period.until_at
    ) as s
    order by s.from_at;
end;

comment on function analytics.user_stays(
    bigint, date, date, text, double precision, double precision, double precision, double precision
) is
'Where a user rested on the days of a time zone (_timezone: IANA name; by default that of the user) from _from to _to, '
'both included (as in user_period()): one row per stay that reaches into these days, whole, in the order of time. '
'Stays as by session_stays() (Li 2008), over all recordings: from an anchor on, all fixes at most _stay_m metres from '
'it, if the last of them came _stay_s seconds or more after it; hours without a fix between two of them belong to the '
'stay. Fixes: of each recording those of the sensor that session_distance() counts, with an accuracy that is unknown '
'or at most _accuracy_max_m metres (NULL: all); where recordings overlap, of the one with most fixes. The search '
'begins 24 hours before the first day and ends 24 hours after the last. from_at, to_at: first and last fix; '
'duration_s: seconds between them; fixes: number of them; latitude, longitude: their mean, in degrees. place: number '
'of the place, from 1 in the order of time: a stay belongs to the first place whose first stay has its centre at most '
'_place_m metres away, or opens one; place_latitude, place_longitude: the centre of that first stay. Positions are not '
'archived: readings that were have no stays any more.';
