-- From minutes, stored and archived ones: days are archived whole, so a minute has one of them.
create or replace function analytics.session_counters(
    _recording bigint, _from timestamptz default null, _to timestamptz default null
)
returns table (
    sensor_type_id integer, sensor text, axis text, bucket timestamptz, first double precision,
    last double precision, increase double precision
)
language sql
stable
parallel safe
begin atomic
    select
        m.sensor_type_id, n.sensor, m.axis, m.bucket, m.increase[1] as first, m.increase[2] as last,
        -- With what lies between the minute before and this one.
        (app.counter_join(lag(m.increase) over counter, m.increase))[3]
        - coalesce((lag(m.increase) over counter)[3], 0) as increase
    from (
        select c.sensor_type_id, c.axis, c.bucket, c.increase
        from app.counter_minutes(_recording, _from, _to) as c
        union all
        select a.sensor_type_id, a.axis, a.bucket, a.increase
        from app.archived_counters as a
        where a.recording_id = _recording
            and (_from is null or a.bucket > _from - interval '1 minute') and (_to is null or a.bucket <= _to)
    ) as m
    join analytics.session_sensors as n on n.recording_id = _recording and n.sensor_type_id = m.sensor_type_id
    window counter as (partition by m.sensor_type_id, m.axis order by m.bucket)
    order by n.sensor, m.axis, m.bucket;
end;

comment on function analytics.session_counters(bigint, timestamptz, timestamptz) is
'The counters of a recording, such as steps (see is_counter()), per minute: one row per sensor, axis and minute that '
'has values, archived readings included. first, last: the first and last value in the minute. increase: how much the '
'counter rose since the last value of the minute before, or in the first minute since its first value; a value below '
'the one before means that the counter restarted at 0. The sum of increase over any minutes that follow one another '
'is the number of steps. _from, _to: only readings between these times, of archived ones whole minutes.';
