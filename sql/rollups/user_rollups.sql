-- From minutes: they lie within one hour and one day of every time zone; hours do not.
create or replace function analytics.user_rollups(
    _user bigint, _from date default null, _to date default null, _timezone text default null,
    _width text default 'hour', _sensor text default null, _axis text default null
)
returns table (
    bucket timestamptz, local_start timestamp, sensor text, axis text, sessions bigint, count bigint,
    mean double precision, std double precision, min double precision, max double precision, moments double precision[]
)
language sql
stable
parallel safe
begin atomic
    with merged as (
        select
            m.timezone, local.day, local.bucket, m.sensor, m.place, m.axis,
            count(distinct m.recording_id) as sessions, analytics.merged_moments(m.moments) as moments,
            min(m.min) as min, max(m.max) as max
        from app.user_axes(_user, _from, _to, _timezone, 1, _sensor, _axis) as m
        cross join lateral (
            select
                case when _width = 'day' then analytics.local_day(m.bucket, m.timezone) end as day,
                case _width
                    when 'minute' then m.bucket
                    when 'hour' then app.local_hour_start(m.bucket, m.timezone)
                end as bucket
        ) as local
        where app.checked_word('_width', _width, array['minute', 'hour', 'day']) is not null
        group by m.timezone, local.day, local.bucket, m.sensor, m.place, m.axis
    )
    select
        begin.at as bucket, begin.at at time zone merged.timezone as local_start, merged.sensor, merged.axis,
        merged.sessions, merged.moments[1]::bigint as count, float8_avg(merged.moments) as mean,
        float8_stddev_samp(merged.moments) as std, merged.min, merged.max, merged.moments
    from merged
    cross join lateral (
        select coalesce(
            merged.bucket,
            (select d.from_at from analytics.local_day_bounds(merged.day, merged.timezone) as d)
        ) as at
    ) as begin
    order by begin.at, merged.sensor, merged.place, merged.axis;
end;

comment on function analytics.user_rollups(bigint, date, date, text, text, text, text) is
'Mean and deviation of what a user recorded, per minute, hour or day (_width: minute, hour, day) of a time zone '
'(_timezone: IANA name; by default that of the user), from _from to _to, both included (as in user_period()), archived '
'readings included: one row per bucket, sensor and axis that has values, axes as in session_rollup(); archiving '
'changes none of the rows. _sensor, _axis: of these only; NULL: of all. Reads that user''s recordings only: of an '
'_axis that analytics.rollup_minute has of all readings their rollups, which is fastest, otherwise also the stored '
'readings. bucket: start of the bucket; local_start: what clocks show then. The two hours that share a name when '
'clocks are set back are two rows; an hour that they cut short begins or ends with the change. sessions: recordings '
'with values in it; count, mean, std, min, max, moments: as in analytics.rollup_day.';
