-- Stored and archived spans, both cut at midnight UTC, put together again. Archived days of which no spans were kept
-- stand as days without a label, so that nothing is joined over them.
create or replace function analytics.session_labels(_recording bigint)
returns table (
    sensor text, label text, from_at timestamptz, to_at timestamptz, readings bigint, source text
)
language sql
stable
parallel safe
begin atomic
    with spans as (
        select l.sensor_type_id, l.label, l.from_at, l.to_at, l.readings
        from app.label_spans(_recording) as l
        union all
        select a.sensor_type_id, a.label, a.from_at, a.to_at, a.readings
        from app.archived_labels as a
        where a.recording_id = _recording
        union all
        select r.sensor_type_id, null, day.at, day.at, 0
        from app.archived_ranges as r
        cross join lateral generate_series(
            r.from_at, r.until_at - interval '24 hours', interval '24 hours'
        ) as day (at)
        where r.recording_id = _recording
            and not exists (
                select from app.archived_labels as a
                where a.recording_id = _recording and a.sensor_type_id = r.sensor_type_id
                    and a.from_at >= day.at and a.from_at < day.at + interval '24 hours'
            )
    ),
    starts as (
        select s.*, (s.label is distinct from lag(s.label) over by_time) as is_start
        from spans as s
        window by_time as (partition by s.sensor_type_id order by s.from_at)
    ),
    runs as (
        select s.*, count(*) filter (where s.is_start) over by_time as run
        from starts as s
        window by_time as (partition by s.sensor_type_id order by s.from_at)
    )
    select n.sensor, r.label, min(r.from_at) as from_at, max(r.to_at) as to_at, sum(r.readings)::bigint, null as source
    from runs as r
    join analytics.session_sensors as n on n.recording_id = _recording and n.sensor_type_id = r.sensor_type_id
    where r.label is not null
    group by n.sensor, r.run, r.label
    union all
    select null, l.label, l.from_at, l.to_at, null, l.source
    from app.api_labels as l
    where l.recording_id = _recording
    order by from_at, sensor, to_at, label;
end;

comment on function analytics.session_labels(bigint) is
'The labels of a recording as spans of time, one row each, archived readings included. sensor: the sensor whose '
'readings carry the label under their key `label` (a text of at most 200 characters, a number or a boolean): '
'readings that follow one another with the same label are one span, and one without a label ends it. from_at, to_at: '
'times of its first and last reading; readings: how many it has. sensor NULL: the label was set by API, from from_at '
'to to_at, and readings is NULL; such spans may overlap. Both times are included. source: who or what set it, as '
'the app reported; NULL: it did not, or readings carry it. Of archived days on which the label of a sensor changed '
'more than 1,440 times, and of days that were archived before labels were kept, nothing is left. No rows: there are '
'no labels, or there is no such session.';
