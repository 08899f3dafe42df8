-- From minutes: they lie within one day of every time zone; hours do not.
create or replace function analytics.sensor_local_day(_recording bigint, _timezone text default null)
returns table (
    day date, sensor text, axis text, count bigint, mean double precision, std double precision,
    min double precision, max double precision
)
language sql
stable
parallel safe
begin atomic
    select
        local.day, m.sensor, m.axis, sum(m.count)::bigint as count,
        float8_avg(analytics.merged_moments(m.moments)) as mean,
        float8_stddev_samp(analytics.merged_moments(m.moments)) as std, min(m.min) as min, max(m.max) as max
    from analytics.sessions as s
    join analytics.users as u on u.id = s.user_id
    cross join lateral analytics.session_rollup(_recording, 1) as m
    cross join lateral (select analytics.local_day(m.bucket, coalesce(_timezone, u.timezone)) as day) as local
    where s.recording_id = _recording
    group by local.day, m.sensor, m.place, m.axis
    order by local.day, m.sensor, m.place, m.axis;
end;

comment on function analytics.sensor_local_day(bigint, text) is
'Mean and deviation of a recording per day of a time zone (IANA name; by default that of the user): one row per day, '
'sensor and axis, with columns as in analytics.rollup_day and axes as in analytics.session_rollup(). Archived '
'readings are included.';
