-- The recordings of the user first, by their times. A minute that two recordings have, of a phone and a watch
-- for example, counts once. Windows of an hour reach an hour beyond the days.
create or replace function analytics.user_activity(
    _user bigint, _from date default null, _to date default null, _timezone text default null,
    _sensor text default 'accelerometer', _enmo_moderate_mg double precision default 100.6,
    _enmo_vigorous_mg double precision default 428.8, _mad_moderate_mg double precision default 91,
    _mad_vigorous_mg double precision default 414
)
returns table (
    day date, sessions bigint, readings bigint, minutes bigint, worn_minutes bigint, enmo_mg double precision,
    mad_mg double precision, enmo_moderate_minutes double precision, enmo_vigorous_minutes double precision,
    mad_moderate_minutes double precision, mad_vigorous_minutes double precision, steps bigint
)
language sql
stable
parallel safe
begin atomic
    with minutes as (
        select distinct on (m.minute)
            m.minute, period.timezone, s.recording_id, m.readings, m.epochs, m.enmo, m.mad, m.enmo_moderate,
            m.enmo_vigorous, m.mad_moderate, m.mad_vigorous, m.steps, m.is_worn
        from analytics.user_period(_user, _from, _to, _timezone) as period
        join analytics.sessions as s
            on s.user_id = _user and s.last_reading_at >= period.from_at and s.first_reading_at < period.until_at
        cross join lateral (
            select
                greatest(period.from_at, s.first_reading_at) as from_at,
                least(period.until_at - interval '1 microsecond', s.last_reading_at) as to_at
        ) as part
        cross join lateral (
            with still as materialized (
                select distinct quarter.at
                from analytics.session_nonwear(
                    s.recording_id, _sensor, _from => greatest(part.from_at - interval '1 hour', s.first_reading_at),
                    _to => least(part.to_at + interval '1 hour', s.last_reading_at)
                ) as w
                cross join lateral generate_series(
                    w.at, w.at + interval '45 minutes', interval '15 minutes'
                ) as quarter (at)
                where w.is_nonwear
            )
            select
                i.minute, i.readings, i.epochs, i.enmo, i.mad, i.enmo_moderate, i.enmo_vigorous, i.mad_moderate,
                i.mad_vigorous, c.steps, still.at is null as is_worn
            from (
                select
                    analytics.bucket_start(1, e.at) as minute, sum(e.readings) as readings, count(*) as epochs,
                    sum(e.enmo_mg * e.readings) as enmo, sum(e.mad_mg) as mad,
                    count(*) filter (where e.enmo_mg >= _enmo_moderate_mg) as enmo_moderate,
                    count(*) filter (where e.enmo_mg >= _enmo_vigorous_mg) as enmo_vigorous,
                    count(*) filter (where e.mad_mg >= _mad_moderate_mg) as mad_moderate,
                    count(*) filter (where e.mad_mg >= _mad_vigorous_mg) as mad_vigorous
                from analytics.session_epochs(
                    s.recording_id, _sensor, _from => part.from_at, _to => part.to_at
                ) as e
                group by analytics.bucket_start(1, e.at)
            ) as i
            left join analytics.session_cadence(s.recording_id, _sensor, part.from_at, part.to_at) as c
                on c.minute = i.minute
            left join still on still.at = analytics.bucket_start(15, i.minute)
            offset 0  -- noqa: AM09
        ) as m
        order by m.minute asc, m.readings desc, s.recording_id asc
    )
    select
        analytics.local_day(m.minute, m.timezone) as day, count(distinct m.recording_id) as sessions,
        sum(m.readings)::bigint as readings, count(*) as minutes, count(*) filter (where m.is_worn) as worn_minutes,
        case when count(m.enmo) = count(*) then sum(m.enmo) / sum(m.readings) end as enmo_mg,
        sum(m.mad) / sum(m.epochs) as mad_mg,
        case when count(m.enmo) = count(*) then sum(m.enmo_moderate) / 12.0 end as enmo_moderate_minutes,
        case when count(m.enmo) = count(*) then sum(m.enmo_vigorous) / 12.0 end as enmo_vigorous_minutes,
        sum(m.mad_moderate) / 12.0 as mad_moderate_minutes, sum(m.mad_vigorous) / 12.0 as mad_vigorous_minutes,
        sum(m.steps)::bigint as steps
    from minutes as m
    group by analytics.local_day(m.minute, m.timezone)
    order by day;
end;

comment on function analytics.user_activity(
    bigint, date, date, text, text, double precision, double precision, double precision, double precision
) is
'Activity of a user per day of a time zone (_timezone: IANA name; by default that of the user), from _from to _to, '
'both included (as in user_period()): one row per day with readings of the accelerometer _sensor, archived readings '
'included. Reads that user''s recordings only. A minute that several recordings have is taken from the one with most '
'readings. sessions: recordings that count; readings: number of them; minutes: minutes with readings; worn_minutes: '
'those outside of every non-wear window of an hour (session_nonwear()); recordings shorter than that have none, and '
'count as worn. enmo_mg: ENMO over readings, mad_mg: mean MAD over epochs of 5 s, in mg. enmo_moderate_minutes, '
'enmo_vigorous_minutes, mad_moderate_minutes, mad_vigorous_minutes: epochs at or above the cut points of '
'session_activity(), in minutes; moderate ones include vigorous ones. steps: as by session_cadence(); NULL: unknown. 1 '
'g: as the app declared it; ENMO is NULL if it declared another unit after archiving, see session_epochs().';
