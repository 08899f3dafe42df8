-- The counters of the stored readings of a recording per minute: first and last value and the increase between them, as
-- by app.counter_partials(). In app for the reason of app.stored_session_readings().
create or replace function app.counter_minutes(_recording bigint, _from timestamptz, _to timestamptz)
returns table (sensor_type_id integer, axis text, bucket timestamptz, increase double precision[])
language sql
stable
parallel safe
begin atomic
    select
        d.sensor_type_id, c.axis, analytics.bucket_start(1, d.recorded_at) as bucket,
        app.counter_partials(c.number order by d.recorded_at) as increase
    from app.stored_session_readings(_recording, _from, _to) as d
    cross join lateral (
        select d.value_key as axis, d.value as number
        union all
        select e.axis, e.number from analytics.extra_axes(d.extra, d.value_key) as e
    ) as c
    where (d.value is not null or d.extra is not null) and c.number is not null
        and analytics.is_counter(d.sensor, c.axis)
    group by d.sensor_type_id, c.axis, analytics.bucket_start(1, d.recorded_at);
end;
