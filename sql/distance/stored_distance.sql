-- Distances of a recording's stored fixes: one row per sensor and minute that has fixes.
create or replace function app.stored_distance(
    _recording bigint, _accuracy_max_m double precision, _min_gap_s double precision, _gap_factor double precision,
    _max_speed_m_s double precision, _stay_m double precision, _stay_s double precision
)
returns table (
    sensor_type_id integer, bucket timestamptz, fixes bigint, fixes_used bigint, raw_m double precision,
    gated_m double precision, moving_m double precision, joined_s double precision, unjoined_s double precision
)
language sql
stable
parallel safe
begin atomic
    with tracks as materialized (
        select t.*, coalesce(cardinality(t.used_micros) = cardinality(t.micros), false) as are_all_used
        from app.stored_tracks(_recording, _accuracy_max_m) as t
    ),
    minutes as (
        select
            t.sensor_type_id, m.bucket, case when t.are_all_used then m.fixes else 0 end as fixes,
            m.fixes as fixes_used, case when t.are_all_used then m.raw_m end as raw_m,
            m.joined_m, m.moving_m, m.joined_s, m.unjoined_s
        from tracks as t
        cross join lateral app.track_minutes(
            t.used_micros, t.used_latitude, t.used_longitude, _min_gap_s, _gap_factor, _max_speed_m_s, _stay_m, _stay_s
        ) as m
        union all
        select t.sensor_type_id, m.bucket, m.fixes, 0, m.raw_m, null, null, null, 0
        from tracks as t
        cross join lateral app.track_minutes(
            t.micros, t.latitude, t.longitude, null, null, _max_speed_m_s, null, null
        ) as m
        where not t.are_all_used
    )
    select
        m.sensor_type_id, m.bucket, sum(m.fixes)::bigint as fixes, sum(m.fixes_used)::bigint as fixes_used,
        sum(m.raw_m) as raw_m, sum(m.joined_m) as gated_m, sum(m.moving_m) as moving_m, sum(m.joined_s) as joined_s,
        sum(m.unjoined_s) as unjoined_s
    from minutes as m
    group by m.sensor_type_id, m.bucket;
end;
