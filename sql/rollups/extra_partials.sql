-- Partials per minute of what the stored readings of a recording hold beside the columns of rollups: altitude,
-- accuracy, and the numeric keys of extra, of each sensor as many as app.extra_axis_limit() allows, those of most
-- readings first. _sensor_type_id: of this sensor only; NULL: of all. place: as in app.rollups. Latitude, longitude and
-- bearing are left out: they turn over, and where somebody was is deleted with the readings. In app for the reason of
-- app.stored_session_readings().
create or replace function app.extra_partials(
    _recording bigint, _from timestamptz, _to timestamptz, _sensor_type_id integer default null
)
returns table (
    sensor_type_id integer, bucket timestamptz, place integer, axis text, moments double precision[],
    min double precision, max double precision
)
language sql
stable
parallel safe
begin atomic
    with partials as materialized (
        select
            d.sensor_type_id, analytics.bucket_start(1, d.recorded_at) as bucket, other.place, other.axis,
            analytics.moments(other.number) as moments, min(other.number) as min, max(other.number) as max
        from app.stored_session_readings(_recording, _from, _to) as d
        cross join lateral (
            select c.place, c.axis, c.number
            from (values (7, 'altitude', d.altitude), (8, 'accuracy', d.accuracy)) as c (place, axis, number)
            union all
            select 9, e.axis, e.number from analytics.extra_axes(d.extra, d.value_key) as e
        ) as other
        where (_sensor_type_id is null or d.sensor_type_id = _sensor_type_id)
            and (d.extra is not null or coalesce(d.altitude, d.accuracy) is not null) and other.number is not null
        group by d.sensor_type_id, analytics.bucket_start(1, d.recorded_at), other.place, other.axis
    ),
    axes as (
        select
            p.sensor_type_id, p.place, p.axis,
            row_number() over (
                partition by p.sensor_type_id, p.place = 9 order by sum(p.moments[1]) desc, p.axis collate "C"
            ) as rank
        from partials as p
        group by p.sensor_type_id, p.place, p.axis
    )
    select p.sensor_type_id, p.bucket, p.place, p.axis, p.moments, p.min, p.max
    from partials as p
    join axes as a on a.sensor_type_id = p.sensor_type_id and a.place = p.place and a.axis = p.axis
    where a.rank <= app.extra_axis_limit();
end;
