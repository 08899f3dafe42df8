-- Stored fixes and archived minutes alike. What was archived was measured with the limits that are the defaults here.
create or replace function analytics.minute_distance(
    _recording bigint, _accuracy_max_m double precision default 20, _min_gap_s double precision default 60,
    _gap_factor double precision default 3, _max_speed_m_s double precision default null,
    _stay_m double precision default 50, _stay_s double precision default 300
)
returns table (
    sensor_type_id integer, sensor text, bucket timestamptz, is_counted boolean, fixes bigint, fixes_used bigint,
    raw_m double precision, gated_m double precision, moving_m double precision, joined_s double precision,
    unjoined_s double precision
)
language sql
stable
parallel safe
begin atomic
    with archived as (
        select
            a.sensor_type_id, a.bucket, _max_speed_m_s is null as has_raw,
            _max_speed_m_s is null and _accuracy_max_m = 20 and _min_gap_s = 60 and _gap_factor = 3
            and _stay_m = 50 and _stay_s = 300 as has_all,
            a.fixes, a.fixes_used, a.raw_m, a.gated_m, a.moving_m, a.joined_s, a.unjoined_s
        from app.archived_distance as a
        where a.recording_id = _recording
    ),
    minutes as materialized (
        select d.*
        from app.stored_distance(
            _recording, _accuracy_max_m, _min_gap_s, _gap_factor, coalesce(_max_speed_m_s, app.max_speed_m_s()),
            _stay_m, _stay_s
        ) as d
        union all
        select
            a.sensor_type_id, a.bucket, case when a.has_raw then a.fixes end,
            case when a.has_all then a.fixes_used end, case when a.has_raw then a.raw_m end,
            case when a.has_all then a.gated_m end, case when a.has_all then a.moving_m end,
            case when a.has_all then a.joined_s end, case when a.has_all then a.unjoined_s end
        from archived as a
    ),
    sensors as (
        select
            n.sensor_type_id, n.sensor,
            row_number() over (
                order by sum(m.fixes_used) desc nulls last, sum(m.fixes) desc nulls last, n.sensor collate "C"
            ) = 1 as is_counted
        from minutes as m
        join analytics.session_sensors as n on n.recording_id = _recording and n.sensor_type_id = m.sensor_type_id
        group by n.sensor_type_id, n.sensor
    )
    select
        m.sensor_type_id, s.sensor, m.bucket, s.is_counted, m.fixes, m.fixes_used, m.raw_m, m.gated_m, m.moving_m,
        m.joined_s, m.unjoined_s
    from minutes as m
    join sensors as s on s.sensor_type_id = m.sensor_type_id;
end;

comment on function analytics.minute_distance(
    bigint, double precision, double precision, double precision, double precision, double precision, double precision
) is
'How far a recording moved in each minute: one row per sensor and minute that has fixes, archived minutes included; '
'session_distance() has their sums and says what each column means. A leg between two fixes belongs to the minute of '
'the later one. bucket: start of the minute; is_counted: this is the one sensor of the recording that totals of '
'users count, the one with most fixes_used; joined_s: seconds that gated_m took. NULL metres: no leg ends in the '
'minute. Minutes that were archived were measured with the defaults: with other limits their columns are NULL.';
