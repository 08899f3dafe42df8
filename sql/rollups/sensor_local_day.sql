-- Minutes lie whole within the days of every time zone; hours do not.
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
        local.day, m.sensor, m.axis, sum(m.count)::bigint, float8_avg(analytics.merged_moments(m.moments)),
        float8_stddev_samp(analytics.merged_moments(m.moments)), min(m.min), max(m.max)
    from analytics.sensor_minutely as m
    join analytics.users as u on u.id = m.user_id
    cross join lateral (select (m.bucket at time zone coalesce(_timezone, u.timezone))::date as day) as local
    where m.recording_id = _recording
    group by local.day, m.sensor, m.place, m.axis
    order by local.day, m.sensor, m.place, m.axis;
end;

comment on function analytics.sensor_local_day(bigint, text) is
'Mean and deviation of a session a day, in a time zone (IANA name; by default the user''s), merged from minutes: a row '
'a day, sensor and axis, columns as in analytics.sensor_daily. Archived readings are in it.';
