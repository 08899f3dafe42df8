-- One pass in the order of time. The latest value so far is the greatest of (time, value), as times only grow: a second
-- window over stretches between values would have to be sorted again (measured: twice as slow).
create or replace function analytics.session_asof(
    _recording bigint, _sensor text, _axis text, _other text, _other_axis text, _tolerance interval default null
)
returns table (
    recorded_at timestamptz, value double precision, other_at timestamptz, other_value double precision
)
language sql
stable
parallel safe
begin atomic
    with both_sensors as (
        select d.recorded_at, d.value, false as is_other
        from analytics.session_sensors as n
        cross join lateral app.axis_readings(
            _recording, n.sensor_type_id, app.named_axis(_axis, n.value_key), _axis, null, null
        ) as d
        where n.recording_id = _recording and n.sensor = _sensor
        union all
        select d.recorded_at, d.value, true as is_other
        from analytics.session_sensors as n
        cross join lateral app.axis_readings(
            _recording, n.sensor_type_id, app.named_axis(_other_axis, n.value_key), _other_axis, null, null
        ) as d
        where n.recording_id = _recording and n.sensor = _other
    ),
    joined as (
        select
            b.recorded_at, b.value, b.is_other,
            max(case when b.is_other then array[date_part('epoch', b.recorded_at), b.value] end) over (
                order by b.recorded_at asc, b.is_other desc rows unbounded preceding
            ) as other
        from both_sensors as b
    )
    select
        j.recorded_at, j.value,
        case when within.tolerance then to_timestamp(j.other[1]) end as other_at,
        case when within.tolerance then j.other[2] end as other_value
    from joined as j
    cross join lateral (
        select coalesce(j.recorded_at - to_timestamp(j.other[1]) <= _tolerance, true) as tolerance
    ) as within
    where not j.is_other;
end;

comment on function analytics.session_asof(bigint, text, text, text, text, interval) is
'As-of join: each stored reading of _sensor that has a value on _axis, with the latest value of _other on _other_axis '
'at or before it. One row per reading, in no order. recorded_at, value: of the reading; other_at, other_value: time '
'and value of the other one; both NULL: there is none, or it is more than _tolerance older (NULL: however old). '
'Archived readings are not joined.';
