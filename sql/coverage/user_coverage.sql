-- Day by day and sensor by sensor, so that only chunks of the user are read and a day is sorted in memory. Rows are
-- chained over the days: what the last reading before a day records may reach into it.
create or replace function analytics.user_coverage(
    _user bigint, _from date default null, _to date default null, _gap_s double precision default 60,
    _timezone text default null
)
returns table (
    day date, sensor text, readings bigint, recorded_s double precision, share double precision,
    longest_gap_s double precision
)
language sql
stable
parallel safe
begin atomic
    with days as materialized (
        select d.day, d.from_at, d.until_at from analytics.user_days(_user, _from, _to, _timezone) as d
        where _gap_s >= 0
    ),
    spans as materialized (
        select n.recording_id, n.sensor_type_id, n.sensor, n.from_at, n.to_at
        from analytics.sessions as s
        cross join lateral (
            select n.* from analytics.session_sensors as n where n.recording_id = s.recording_id
            offset 0  -- noqa: AM09
        ) as n
        where s.user_id = _user
    ),
    declared as (
        select distinct on (lower(d.sensor)) d.sensor
        from analytics.sessions as s
        cross join lateral analytics.declared_sensors(s.recording_id) as d
        where s.user_id = _user
        order by lower(d.sensor), d.sensor collate "C"
    ),
    sensors as (
        select n.sensor_type_id, n.sensor, max(n.to_at) as to_at
        from spans as n
        group by n.sensor_type_id, n.sensor
        union all
        select null, d.sensor, null
        from declared as d
        where lower(d.sensor) not in (select lower(n.sensor) from spans as n)
    ),
    times as (
        select d.day, d.from_at, d.until_at from days as d
        union all
        -- What was recorded before the first day may reach into it.
        select null, min(d.from_at) - make_interval(secs => least(_gap_s, 1e9)), min(d.from_at) from days as d
    ),
    measured as (
        select
            t.day, t.from_at, t.until_at, n.sensor, n.to_at, c.*,
            max(c.last_at) over (
                partition by n.sensor order by t.from_at rows between unbounded preceding and 1 preceding
            ) as before_at
        from times as t
        cross join sensors as n
        cross join lateral (
            select array_agg(s.recording_id) as ids
            from spans as s
            where s.sensor_type_id = n.sensor_type_id and s.from_at < t.until_at and s.to_at >= t.from_at
        ) as recordings
        cross join lateral app.sensor_coverage(
            recordings.ids, n.sensor_type_id, t.from_at, t.until_at, _gap_s
        ) as c
    ),
    edges as (
        select
            m.*, date_part('epoch', m.until_at - m.from_at) as length_s,
            -- The last reading of all records nothing.
            case
                when m.before_at < coalesce(m.first_at, m.to_at)
                    then greatest(least(
                        date_part('epoch', m.before_at - m.from_at) + _gap_s,
                        date_part('epoch', coalesce(m.first_at, m.until_at) - m.from_at)
                    ), 0)
            end as begin_s,
            case
                when m.to_at > m.last_at then least(date_part('epoch', m.until_at - m.last_at), _gap_s)
            end as end_s
        from measured as m
        where m.day is not null
    )
    select
        e.day, e.sensor, coalesce(e.readings, 0) as readings, total.recorded_s, total.recorded_s / e.length_s as share,
        case when coalesce(e.hidden_s, 0) <= longest.gap_s then longest.gap_s end as longest_gap_s
    from edges as e
    cross join lateral (
        select
            coalesce(e.begin_s, 0) + coalesce(e.end_s, 0)
            -- One reading has no pause.
            + case when e.readings > 1 then e.recorded_s else 0 end as recorded_s
    ) as total
    cross join lateral (
        select
            coalesce(
                greatest(
                    e.longest_s, date_part('epoch', e.first_at - e.from_at), date_part('epoch', e.until_at - e.last_at)
                ),
                e.length_s
            ) as gap_s
    ) as longest
    order by e.day, e.sensor;
end;

comment on function analytics.user_coverage(bigint, date, date, double precision, text) is
'How much a user recorded each day of a time zone (_timezone: IANA name; by default that of the user), from _from to '
'_to, both included (as in user_period()): one row per day and sensor, also where there is nothing, of every sensor '
'that any recording of the user declared (declared_sensors()) or has. The readings of a sensor are one sequence, '
'whichever recordings they come from. readings: number of them. recorded_s: a reading records the time to the next '
'one, at most _gap_s seconds, and the last reading of all nothing; cut at midnight, so that days add up. share: '
'recorded_s by the length of the day, which has 23 to 25 hours. longest_gap_s: the longest time without a reading, '
'from midnight to midnight; the whole day if there is none. Archived readings are included: first and last reading of '
'each minute are kept. NULL: not known of archived readings, recorded_s and share if a pause within a minute may be '
'longer than _gap_s (never from 60 s on), longest_gap_s if it may be longer than those that are known. No rows: no '
'such user, no such days, or a negative _gap_s.';
