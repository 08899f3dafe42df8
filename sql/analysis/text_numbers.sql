-- In analytics, as session_quality() looks it up when it runs, with the rights of the caller.
create or replace function analytics.text_numbers(
    _recording bigint, _from timestamptz default null, _to timestamptz default null
)
returns table (sensor_type_id integer, count bigint)
language sql
stable
parallel safe
begin atomic
    -- Materialized, so that the session is looked up after the values were counted, not beside each of them.
    with found as materialized (
        select d.sensor_type_id, count(*) as count
        from app.stored_session_readings(_recording, _from, _to) as d
        cross join lateral jsonb_each(d.extra) as e
        where d.extra is not null and analytics.is_number_text(e.value)
        group by d.sensor_type_id
    )
    select f.sensor_type_id, f.count
    from found as f
    where exists (select from analytics.sessions as s where s.recording_id = _recording);
end;

comment on function analytics.text_numbers(bigint, timestamptz, timestamptz) is
'How many values of a recording were sent as text although they are numbers (is_number_text()): one row per sensor '
'that has any. _from, _to: only readings between these times.';
