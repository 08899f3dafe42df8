-- The recordings of the user first, as in user_local_day(). Stored readings by quarters of an hour, which lie within
-- one hour of every time zone; archived ones by the hours that were kept.
create or replace function analytics.user_percentiles(
    _user bigint, _from date default null, _to date default null, _width text default 'day',
    _fractions double precision[] default array[0.05, 0.25, 0.5, 0.75, 0.95], _timezone text default null
)
returns table (
    bucket timestamptz, local_start timestamp, sensor text, axis text, sessions bigint, count bigint,
    percentiles double precision[], sketch jsonb
)
language sql
stable
parallel safe
begin atomic
    with parts as materialized (
        select
            period.timezone, s.recording_id, m.sensor_type_id, m.bucket, m.place, m.axis, m.sketch
        from analytics.user_period(_user, _from, _to, _timezone) as period
        join analytics.sessions as s
            on s.user_id = _user and s.last_reading_at >= period.from_at and s.first_reading_at < period.until_at
        cross join lateral (
            select both_sides.*
            from (
                select d.sensor_type_id, d.bucket, d.place, d.axis, d.sketch
                from app.stored_sketches(
                    s.recording_id, 15, greatest(period.from_at, s.first_reading_at),
                    least(period.until_at - interval '1 microsecond', s.last_reading_at)
                ) as d
                union all
                select a.sensor_type_id, a.bucket, a.place, a.axis, a.sketch
                from app.archived_sketches as a
                where a.recording_id = s.recording_id and a.bucket_minutes = 60
                    and a.bucket >= period.from_at and a.bucket < period.until_at
            ) as both_sides
            offset 0  -- noqa: AM09
        ) as m
        where _width in ('hour', 'day')
    ),
    merged as (
        select
            p.timezone, local.day, local.bucket, n.sensor, p.place, p.axis,
            count(distinct p.recording_id) as sessions, analytics.merged_sketch(p.sketch) as sketch
        from parts as p
        join analytics.session_sensors as n
            on n.recording_id = p.recording_id and n.sensor_type_id = p.sensor_type_id
        cross join lateral (
            select
                case when _width = 'day' then analytics.local_day(p.bucket, p.timezone) end as day,
                case when _width = 'hour' then app.local_hour_start(p.bucket, p.timezone) end as bucket
        ) as local
        group by p.timezone, local.day, local.bucket, n.sensor, p.place, p.axis
    )
    select
        begin.at as bucket, begin.at at time zone merged.timezone as local_start, merged.sensor, merged.axis,
        merged.sessions, app.sketch_count(merged.sketch) as count,
        app.approx_percentiles(merged.sketch, _fractions) as percentiles, merged.sketch
    from merged
    cross join lateral (
        select coalesce(
            merged.bucket,
            (select d.from_at from analytics.local_day_bounds(merged.day, merged.timezone) as d)
        ) as at
    ) as begin
    order by begin.at, merged.sensor, merged.place, merged.axis;
end;

comment on function analytics.user_percentiles(bigint, date, date, text, double precision[], text) is
'Percentiles of what a user recorded, per hour or day (_width: hour, day) of a time zone (_timezone: IANA name; by '
'default that of the user), from _from to _to, both included (as in user_period()): one row per bucket, sensor and '
'axis that has values. Reads that user''s recordings only. bucket, local_start, sessions: as in user_rollups(); '
'count, percentiles, sketch: as in session_percentiles(). Archived readings are included, by UTC hours: in a zone '
'that differs from UTC by a part of an hour (India, Nepal), each of these counts where it begins.';
