-- In analytics, as session_analysis() looks it up when it runs, with the rights of the caller.
create or replace function analytics.archived_axes(_recording bigint)
returns jsonb
language sql
stable
parallel safe
begin atomic
    select jsonb_object_agg(s.sensor, s.axes)
    from (
        select
            n.sensor,
            jsonb_object_agg(a.axis, jsonb_build_object(
                'count', a.moments[1],
                'mean', case when a.min = a.max then a.min else float8_avg(a.moments) end,
                'std', case when a.min < a.max or a.moments[1] = 1 then float8_stddev_samp(a.moments) else 0 end,
                'min', a.min, 'max', a.max, 'peak_to_peak', a.max - a.min
            )) as axes
        from app.archived_moments(_recording, null, null) as a
        join analytics.session_sensors as n on n.recording_id = _recording and n.sensor_type_id = a.sensor_type_id
        group by n.sensor
    ) as s;
end;

comment on function analytics.archived_axes(bigint) is
'Returns what the archived readings of a recording measured as one JSON object: by sensor and axis count, mean, std, '
'min, max and peak_to_peak, as sensors_json() has them of stored readings. NULL: no readings were archived.';
