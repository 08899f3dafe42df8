-- The part that session_analysis() and metrics_report() have in common.
create or replace function analytics.sensors_json(_metrics jsonb, _quality jsonb)
returns jsonb
language sql
stable
parallel safe
begin atomic
    select coalesce(
        jsonb_object_agg(
            q.value ->> 'sensor',
            jsonb_build_object(
                'count', q.value -> 'count',
                'axes', coalesce(axes.json, '{}'),
                'quality', q.value - '{sensor_type_id,sensor,count}'::text[] || jsonb_build_object(
                    'first_at', analytics.iso_time((q.value ->> 'first_at')::timestamptz),
                    'last_at', analytics.iso_time((q.value ->> 'last_at')::timestamptz)
                )
            )
        ),
        '{}'
    )
    from jsonb_array_elements(_quality) as q
    cross join lateral (
        select jsonb_object_agg(
            m.value ->> 'axis', m.value - '{sensor_type_id,sensor,axis,is_channel,place}'::text[]
        ) as json
        from jsonb_array_elements(_metrics) as m
        where m.value -> 'sensor_type_id' = q.value -> 'sensor_type_id'
    ) as axes;
end;

comment on function analytics.sensors_json(jsonb, jsonb) is
'Returns the rows of session_metrics() and session_quality(), each given as a JSON array, as one object: sensors by '
'name, each with count, axes and quality.';
