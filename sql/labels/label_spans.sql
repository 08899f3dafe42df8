-- Spans of equal label among the stored readings of a recording, in each sensor's order of time. label NULL: readings
-- without one, or with something else there; neighbours may have the same. A span ends at midnight UTC: whole UTC days
-- are archived, so that none lies on both sides. Only of sensors that have labels, here or among what was archived. In
-- app for the reason given in app.stored_session_readings().
create or replace function app.label_spans(_recording bigint)
returns table (sensor_type_id integer, label text, from_at timestamptz, to_at timestamptz, readings bigint)
language sql
stable
parallel safe
begin atomic
    with sensors as materialized (
        select n.sensor_type_id, n.value_key, n.from_at, n.to_at
        from analytics.session_sensors as n
        where n.recording_id = _recording
            and (
                exists (
                    select from app.stored_readings as d
                    where d.recording_id = _recording::integer and d.sensor_type_id = n.sensor_type_id
                        and d.recorded_at >= n.from_at and d.recorded_at <= n.to_at
                        and (d.extra ? 'label' or n.value_key = 'label' and d.value is not null)
                )
                or exists (
                    select from app.archived_labels as a
                    where a.recording_id = _recording and a.sensor_type_id = n.sensor_type_id
                )
            )
    )
    select s.sensor_type_id, l.label, l.from_at, l.to_at, l.readings
    from sensors as s
    cross join lateral (
        -- Of each span its last reading is left: it begins after the last one of the span before. The whole is read
        -- with one window, which looks ahead by one row only, so that it keeps none.
        select
            app.label_text(r.label) as label,
            coalesce(lag(r.next_at) over by_time, (
                select min(d.recorded_at) from app.stored_readings as d
                where d.recording_id = _recording::integer and d.sensor_type_id = s.sensor_type_id
                    and d.recorded_at >= s.from_at and d.recorded_at <= s.to_at
            )) as from_at,
            r.recorded_at as to_at, r.place - coalesce(lag(r.place) over by_time, 0) as readings
        from (
            select
                k.recorded_at, k.label, row_number() over by_time as place,
                lead(k.recorded_at) over by_time as next_at, lead(k.label) over by_time as next_label
            from (
                select
                    d.recorded_at,
                    -- A number is in value where the sensor has no other.
                    case
                        when s.value_key = 'label' and d.value is not null then to_jsonb(d.value)
                        else d.extra -> 'label'
                    end as label
                from app.stored_readings as d
                where d.recording_id = _recording::integer and d.sensor_type_id = s.sensor_type_id
                    and d.recorded_at >= s.from_at and d.recorded_at <= s.to_at
            ) as k
            window by_time as (order by k.recorded_at)
        ) as r
        where r.label is distinct from r.next_label
            or analytics.bucket_start(1440, r.recorded_at) is distinct from analytics.bucket_start(1440, r.next_at)
        window by_time as (order by r.recorded_at)
    ) as l;
end;
