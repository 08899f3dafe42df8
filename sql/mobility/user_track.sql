-- The fixes of a user between two times in the order of time, as arrays in microseconds since 1970 and degrees: of each
-- recording those of the sensor beside it that could have been reached, as in session_distance(). Where recordings
-- overlap, the one with most fixes counts between its first and its last fix, so that two phones are not one that jumps
-- back and forth. One row; NULL: no fixes.
create or replace function app.user_track(
    _recordings bigint[], _sensor_type_ids integer[], _from_at timestamptz, _until_at timestamptz,
    _accuracy_max_m double precision
)
returns table (micros bigint[], latitude double precision[], longitude double precision[])
language sql
stable
parallel safe
begin atomic
    with parts as materialized (
        select
            k.micros, k.latitude, k.longitude,
            int8range(k.micros[1], k.micros[cardinality(k.micros)], '[]') as span,
            row_number() over (order by cardinality(k.micros) desc, s.recording_id, k.micros[1]) as place
        from unnest(_recordings, _sensor_type_ids) as s (recording_id, sensor_type_id)
        cross join lateral app.stored_tracks(s.recording_id, _accuracy_max_m, s.sensor_type_id) as t
        cross join lateral app.possible_fixes(
            t.used_micros, t.used_latitude, t.used_longitude, app.max_speed_m_s()
        ) as k
        where s.sensor_type_id is not null and cardinality(k.micros) > 0
    ),
    covered as (
        select one.place, range_agg(other.span) as spans
        from parts as one
        join parts as other on other.place < one.place and other.span && one.span
        group by one.place
    )
    select
        array_agg(f.micros) as micros, array_agg(f.latitude) as latitude, array_agg(f.longitude) as longitude
    from (
        select f.micros, f.latitude, f.longitude
        from parts as p
        left join covered as c on c.place = p.place
        cross join lateral unnest(p.micros, p.latitude, p.longitude) as f (micros, latitude, longitude)
        where f.micros >= date_part('epoch', _from_at) * 1000000 and f.micros < date_part('epoch', _until_at) * 1000000
            and (c.spans is null or not c.spans @> f.micros)
        order by f.micros
    ) as f;
end;
