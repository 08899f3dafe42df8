-- From rollups per minute, so that it outlives the readings.
create or replace function analytics.user_resting_heart_rate(
    _user bigint, _from date default null, _to date default null, _timezone text default null,
    _sensor text default 'heart_rate', _window_minutes integer default 30, _min_minutes integer default 15
)
returns table (day date, minutes bigint, resting_bpm double precision, from_at timestamptz)
language sql
stable
parallel safe
begin atomic
    with rates as (
        select
            analytics.local_day(m.bucket, t.timezone) as day, m.bucket,
            float8_avg(analytics.merged_moments(m.moments)) as bpm
        from app.user_sensors(_user, _from, _to, _timezone, 1) as t
        cross join lateral (
            select r.bucket, r.moments
            from analytics.rollup_minute as r
            where r.recording_id = t.recording_id and r.sensor_type_id = t.sensor_type_id
                and r.bucket >= t.from_at and r.bucket <= t.to_at
                -- The sensor's own value; 0 is what a sensor without contact sends.
                and r.place = 5 and r.min > 0
            offset 0  -- noqa: AM09
        ) as m
        where t.sensor = _sensor
        group by analytics.local_day(m.bucket, t.timezone), m.bucket
    ),
    windows as (
        select
            r.day, r.bucket, count(*) over (partition by r.day) as minutes, avg(r.bpm) over later as bpm,
            count(*) over later >= _min_minutes as is_long_enough
        from rates as r
        window later as (
            partition by r.day order by r.bucket
            range between current row  -- noqa: PRS
            and make_interval(mins => greatest(_window_minutes, 1) - 1) following
        )
    )
    select distinct on (w.day)
        w.day, w.minutes, case when w.is_long_enough then w.bpm end as resting_bpm,
        case when w.is_long_enough then w.bucket end as from_at
    from windows as w
    order by w.day asc, w.is_long_enough desc, w.bpm asc, w.bucket asc;
end;

comment on function analytics.user_resting_heart_rate(bigint, date, date, text, text, integer, integer) is
'Resting heart rate of a user per local day, archived readings included: one row per day from _from to _to (as in '
'user_period()) that has a heart rate. resting_bpm: the lowest mean of _window_minutes, which makers of watches take '
'over 30 minutes. There is no accepted definition (Speed 2023, doi 10.1371/journal.pdig.0000236): state this one '
'beside the numbers. Means are of minutes, each with the same weight, within one day, from a minute with a heart rate '
'on; a window needs _min_minutes minutes that have one. A minute with a reading of 0 has none. minutes: how many the '
'day has; from_at: where the window begins, the first on a tie. NULL: no window has enough minutes.';
