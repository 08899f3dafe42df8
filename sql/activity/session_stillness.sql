-- Moments and extremes per step are merged into windows, so that each reading is read once, however windows overlap.
create or replace function analytics.session_stillness(
    _recording bigint, _sensor text default 'accelerometer', _unit double precision default 9.80665,
    _window_s double precision default 3600, _step_s double precision default 900,
    _std_mg double precision default 13, _range_mg double precision default 50
)
returns table (at timestamptz, is_still boolean)
language sql
stable
parallel safe
begin atomic
    with steps as (
        select
            date_bin(make_interval(secs => _step_s), d.recorded_at, timestamptz '2000-01-03 00:00Z') as at,
            min(d.recorded_at) as first_at, max(d.recorded_at) as last_at,
            analytics.moments(d.x) as x, min(d.x) as x_min, max(d.x) as x_max,
            analytics.moments(d.y) as y, min(d.y) as y_min, max(d.y) as y_max,
            analytics.moments(d.z) as z, min(d.z) as z_min, max(d.z) as z_max
        from analytics.session_sensors as s
        join app.stored_session_readings(_recording, null, null) as d on d.sensor_type_id = s.sensor_type_id
        where s.recording_id = _recording and s.sensor = _sensor and d.magnitude is not null
        group by date_bin(make_interval(secs => _step_s), d.recorded_at, timestamptz '2000-01-03 00:00Z')
    ),
    span as (
        select min(s.first_at) as from_at, max(s.last_at) as until_at, min(s.at) as first_step from steps as s
    ),
    windows as (
        select w.at
        from span
        cross join lateral generate_series(
            span.first_step, span.until_at - make_interval(secs => _window_s), make_interval(secs => _step_s)
        ) as w (at)
        where w.at >= span.from_at
    ),
    axes as (
        select
            w.at, a.axis,
            1000 * float8_stddev_samp(analytics.merged_moments(a.moments)) / _unit as std_mg,
            1000 * (max(a.max) - min(a.min)) / _unit as range_mg
        from windows as w
        join steps as s on s.at >= w.at and s.at < w.at + make_interval(secs => _window_s)
        cross join lateral (
            values ('x', s.x, s.x_min, s.x_max), ('y', s.y, s.y_min, s.y_max), ('z', s.z, s.z_min, s.z_max)
        ) as a (axis, moments, min, max)
        group by w.at, a.axis
    )
    select a.at, count(*) filter (where a.std_mg < _std_mg or a.range_mg < _range_mg) >= 2 as is_still
    from axes as a
    group by a.at
    order by a.at;
end;

comment on function analytics.session_stillness(
    bigint, text, double precision, double precision, double precision, double precision, double precision
) is
'Whether a device lay still, as a sign that nobody wore it: one row per window of _window_s seconds (a multiple of '
'_step_s) that lies within the recording; windows begin at multiples of _step_s seconds since 1970. An axis is still '
'when its sample deviation is below _std_mg or its range below _range_mg, in mg; is_still: two of the three axes are '
'(van Hees 2011, doi 10.1371/journal.pone.0022922, and 2013; some read them as requiring both). _unit: what 1 g is '
'in the unit of the sensor. Windows without readings have no row.';
