-- How many values of the stored readings are numbers that were sent as text, by sensor. In app for the reason of
-- app.stored_session_readings().
create or replace function app.text_numbers(_recording bigint, _from timestamptz, _to timestamptz)
returns table (sensor_type_id integer, count bigint)
language sql
stable
parallel safe
begin atomic
    select d.sensor_type_id, count(*)
    from app.stored_session_readings(_recording, _from, _to) as d
    cross join lateral jsonb_each(d.extra) as e
    where d.extra is not null and analytics.is_number_text(e.value)
    group by d.sensor_type_id;
end;
