-- What a job stores of session_anomalies(): one document, times as text.
create or replace function analytics.anomaly_report(
    _recording bigint, _sensitivity double precision default 3.0, _mode text default 'global',
    _window_s double precision default 60
)
returns jsonb
language sql
stable
parallel safe
begin atomic
    with channels as (
        select
            a.sensor, a.channel, a.place,
            jsonb_build_object(
                'count', a.count, 'mean', a.mean, 'std', a.std, 'anomalies', a.anomalies, 'ratio', a.ratio,
                'timestamps', array(select analytics.iso_time(t.at) from unnest(a.timestamps) as t (at))
            ) as json
        from analytics.session_anomalies(_recording, _sensitivity, _mode, _window_s) as a
    ),
    sensors as (
        select
            c.sensor,
            (array_agg(c.json || jsonb_build_object('channel', c.channel) order by c.place, c.channel))[1]
            || jsonb_build_object('channels', jsonb_object_agg(c.channel, c.json)) as json
        from channels as c
        group by c.sensor
    )
    select jsonb_build_object(
        'session_id', s.session_id, 'sensitivity', _sensitivity, 'mode', _mode,
        'window_s', case when _mode = 'rolling' then _window_s end,
        'sensors', coalesce((select jsonb_object_agg(n.sensor, n.json) from sensors as n), '{}')
    ) || jsonb_strip_nulls(jsonb_build_object(
        'archived_count', nullif(s.archived_count, 0), 'archived_at', analytics.iso_time(s.archived_at)
    ))
    from analytics.sessions as s
    where s.recording_id = _recording;
end;

comment on function analytics.anomaly_report(bigint, double precision, text, double precision) is
'Returns session_anomalies() of a recording as one JSON document, the result of detect_anomalies: session_id (the '
'client''s), sensitivity, mode, window_s (of mode rolling), sensors by name. Each sensor has its channels by name '
'and, as its own fields, those of the first channel: magnitude, otherwise the first in the order of '
'session_metrics(). archived_count and archived_at are present when readings were archived, which are not included. '
'NULL: there is no such session.';
