-- Raw and gated in one pass: each fix belongs to one track or to both.
create or replace function analytics.session_distance(
    _recording bigint, _accuracy_max_m double precision default 20, _max_gap_s double precision default 60,
    _from timestamptz default null, _to timestamptz default null
)
returns table (
    sensor_type_id integer, sensor text, raw_m double precision, gated_m double precision, fixes bigint,
    fixes_used bigint
)
language sql
stable
parallel safe
begin atomic
    with positioning as (
        -- Reading a million readings of an accelerometer to see that none has coordinates would be the whole cost.
        select n.sensor_type_id, n.sensor
        from analytics.session_sensors as n
        where n.recording_id = _recording and exists (
            select from (
                select d.latitude + d.longitude as is_known
                from app.stored_session_readings(_recording, _from, _to) as d
                where d.sensor_type_id = n.sensor_type_id
                order by d.recorded_at
                limit 1000
            ) as first
            where first.is_known is not null
        )
    ),
    fixes as (
        select
            p.sensor_type_id, p.sensor, d.recorded_at, d.latitude, d.longitude,
            coalesce(d.accuracy <= _accuracy_max_m, true) as is_used
        from positioning as p
        join app.stored_session_readings(_recording, _from, _to) as d on d.sensor_type_id = p.sensor_type_id
        where d.latitude is not null and d.longitude is not null
    ),
    steps as (
        select
            f.sensor_type_id, f.sensor, g.is_gated,
            case
                when date_part('epoch', f.recorded_at - lag(f.recorded_at) over track) <= _max_gap_s
                    then analytics.haversine_m(
                        lag(f.latitude) over track, lag(f.longitude) over track, f.latitude, f.longitude
                    )
            end as step_m
        from fixes as f
        cross join (values (false), (true)) as g (is_gated)
        where f.is_used or not g.is_gated
        window track as (partition by f.sensor_type_id, g.is_gated order by f.recorded_at)
    )
    select
        t.sensor_type_id, t.sensor,
        coalesce(sum(t.step_m) filter (where not t.is_gated), 0) as raw_m,
        coalesce(sum(t.step_m) filter (where t.is_gated), 0) as gated_m,
        count(*) filter (where not t.is_gated) as fixes, count(*) filter (where t.is_gated) as fixes_used
    from steps as t
    group by t.sensor_type_id, t.sensor
    order by t.sensor;
end;

comment on function analytics.session_distance(bigint, double precision, double precision, timestamptz, timestamptz) is
'How far the phone moved during a recording: one row per sensor with coordinates (in one of its first 1,000 '
'readings), in metres along its fixes in the order of time, by haversine_m(). Fixes more than _max_gap_s seconds '
'apart are not joined. raw_m: all fixes; gated_m: without those whose accuracy is worse than _accuracy_max_m metres '
'(NULL: no limit), which noise of a phone at rest inflates less. Fixes of unknown accuracy are used. fixes: number '
'of them; fixes_used: how many passed. 0 m: there was nothing to join. No row: no sensor has coordinates.';
