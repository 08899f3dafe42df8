-- The stored fixes of a recording in the order of time, as arrays: one row per sensor that has any, in microseconds
-- since 1970 and degrees. used_...: those whose accuracy is unknown or at most _accuracy_max_m (NULL: no limit).
-- _sensor_type_id: of this sensor only; NULL: of all.
-- Readings between archived days are rows of their own, so that nothing is joined over what is no longer there, and
-- nothing changes when they are archived in their turn. A sensor without fixes costs one look at its readings: 70 ms
-- per million. In app for the reason given in app.stored_session_readings().
create or replace function app.stored_tracks(
    _recording bigint, _accuracy_max_m double precision, _sensor_type_id integer default null
)
returns table (
    sensor_type_id integer, sensor text,
    micros bigint[], latitude double precision[], longitude double precision[],
    used_micros bigint[], used_latitude double precision[], used_longitude double precision[]
)
language sql
stable
parallel safe
begin atomic
    with spans as (
        select
            n.sensor_type_id, n.sensor, greatest(b.from_at, n.from_at) as from_at,
            least(lead(b.at) over (partition by n.sensor_type_id order by b.at) - interval '1 microsecond', n.to_at)
            as to_at
        from analytics.session_sensors as n
        cross join lateral (
            select '-infinity'::timestamptz as at, n.from_at
            union all
            select r.from_at, r.until_at from app.archived_ranges as r
            where r.recording_id = _recording and r.sensor_type_id = n.sensor_type_id
        ) as b
        where n.recording_id = _recording and (_sensor_type_id is null or n.sensor_type_id = _sensor_type_id)
    )
    select
        s.sensor_type_id, s.sensor, t.micros, t.latitude, t.longitude, t.used_micros, t.used_latitude, t.used_longitude
    from spans as s
    cross join lateral (
        select
            array_agg(f.micros) as micros, array_agg(f.latitude) as latitude, array_agg(f.longitude) as longitude,
            array_agg(f.micros) filter (where f.is_used) as used_micros,
            array_agg(f.latitude) filter (where f.is_used) as used_latitude,
            array_agg(f.longitude) filter (where f.is_used) as used_longitude
        from (
            select
                (date_part('epoch', d.recorded_at) * 1000000)::bigint as micros, d.latitude, d.longitude,
                coalesce(d.accuracy <= _accuracy_max_m, true) as is_used
            from app.stored_fixes as d
            where d.recording_id = _recording::integer and d.sensor_type_id = s.sensor_type_id
                and d.recorded_at >= s.from_at and d.recorded_at <= s.to_at and d.longitude is not null
            order by d.recorded_at
        ) as f
    ) as t
    where t.micros is not null;
end;
