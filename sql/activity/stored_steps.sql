-- Of each stored reading of a sensor, whether it is a step: whether there the short mean of the magnitude rises through
-- a little above its long mean. Ratios make the unit of the sensor irrelevant. Nothing rises over a pause of more than
-- the second that the long mean goes back, so that what is read for a part of a session begins a little earlier. NULL:
-- too few readings for a short mean, as a sensor of 1 Hz has. In app for the reason of app.stored_session_readings().
create or replace function app.stored_steps(
    _recording bigint, _sensor_type_id integer, _from timestamptz, _to timestamptz
)
returns table (at timestamptz, is_step boolean)
language sql
stable
parallel safe
begin atomic
    with magnitudes as (
        -- Sums of integers slide along, sums of doubles would be added up again for each reading.
        select d.recorded_at as at, (1e6 * least(d.magnitude, 1e9))::bigint as millionths
        from app.stored_session_readings(_recording, _from - interval '5 s', _to + interval '5 s') as d
        where d.sensor_type_id = _sensor_type_id and d.magnitude is not null
        -- Sorted afterwards: to read chunks in their order, TimescaleDB would open those of other times.
        offset 0  -- noqa: AM09
    ),
    means as (
        select
            m.at,
            case
                when count(*) over short >= 3 then avg(m.millionths) over short > 1.03 * avg(m.millionths) over long
            end as is_above
        from magnitudes as m
        window
            short as (order by m.at range between interval '150 ms' preceding and interval '150 ms' following),
            long as (order by m.at range between interval '1 s' preceding and interval '1 s' following)
    ),
    rises as (
        select
            m.at, m.is_above is not null as is_known,
            coalesce(
                m.is_above and not lag(m.is_above) over in_time
                and m.at - lag(m.at) over in_time <= interval '1 s',
                false
            ) as is_rise
        from means as m
        window in_time as (order by m.at)
    ),
    spaced as (
        select
            r.at, r.is_known, r.is_rise,
            r.at - max(r.at) filter (where r.is_rise) over (
                order by r.at rows between unbounded preceding and 1 preceding
            ) as since_last
        from rises as r
    )
    select
        s.at, case when s.is_known then s.is_rise and coalesce(s.since_last > interval '250 ms', true) end as is_step
    from spaced as s
    where (_from is null or s.at >= _from) and (_to is null or s.at <= _to);
end;
