-- Moments and extremes per step are merged into windows, so that each reading is read once, however windows overlap.
-- Archived minutes have them, too, and merge into steps of whole minutes.
create or replace function analytics.session_nonwear(
    _recording bigint, _sensor text default 'accelerometer', _unit double precision default null,
    _window_s double precision default 3600, _step_s double precision default 900,
    _std_mg double precision default 13, _range_mg double precision default 50,
    _from timestamptz default null, _to timestamptz default null
)
returns table (at timestamptz, is_nonwear boolean)
language sql
stable
parallel safe
begin atomic
    with sensor as materialized (
        select
            n.sensor_type_id, greatest(n.from_at, _from) as from_at, least(n.to_at, _to) as to_at,
            coalesce(
                app.checked_number('_unit', _unit, 0.001, 1000000), app.gravity(_recording, n.sensor_type_id)
            ) as gravity,
            make_interval(secs => app.checked_number('_step_s', _step_s, 0.001, 86400)) as step,
            make_interval(secs => app.checked_multiple(
                '_window_s', app.checked_number('_window_s', _window_s, 0.001, 8640000), '_step_s',
                app.checked_number('_step_s', _step_s, 0.001, 86400)
            )) as length
        from analytics.session_sensors as n
        where n.recording_id = _recording and n.sensor = _sensor
    ),
    steps as materialized (
        select
            date_bin(sensor.step, p.at, timestamptz '2000-01-03 00:00Z') as at,
            analytics.merged_moments(p.x) as x, min(p.x_min) as x_min, max(p.x_max) as x_max,
            analytics.merged_moments(p.y) as y, min(p.y_min) as y_min, max(p.y_max) as y_max,
            analytics.merged_moments(p.z) as z, min(p.z_min) as z_min, max(p.z_max) as z_max
        from sensor
        cross join lateral (
            select
                date_bin(sensor.step, d.recorded_at, timestamptz '2000-01-03 00:00Z') as at,
                analytics.moments(d.x) as x, min(d.x) as x_min, max(d.x) as x_max,
                analytics.moments(d.y) as y, min(d.y) as y_min, max(d.y) as y_max,
                analytics.moments(d.z) as z, min(d.z) as z_min, max(d.z) as z_max
            from app.stored_session_readings(_recording, _from, _to) as d
            where d.sensor_type_id = sensor.sensor_type_id
            group by date_bin(sensor.step, d.recorded_at, timestamptz '2000-01-03 00:00Z')
            union all
            select
                a.bucket, a.x_moments, a.x_min, a.x_max, a.y_moments, a.y_min, a.y_max,
                a.z_moments, a.z_min, a.z_max
            from app.archived_rollups as a
            where a.recording_id = _recording and a.sensor_type_id = sensor.sensor_type_id and a.bucket_minutes = 1
                and mod(_step_s::numeric, 60) = 0
                and (_from is null or a.bucket > _from - interval '1 minute') and (_to is null or a.bucket <= _to)
        ) as p
        group by date_bin(sensor.step, p.at, timestamptz '2000-01-03 00:00Z')
    ),
    windows as (
        select w.at
        from sensor
        cross join lateral generate_series(
            date_bin(sensor.step, sensor.from_at, timestamptz '2000-01-03 00:00Z'),
            sensor.to_at - sensor.length, sensor.step
        ) as w (at)
        where w.at >= sensor.from_at
    ),
    axes as (
        select
            w.at, a.axis,
            1000 * float8_stddev_samp(analytics.merged_moments(a.moments)) / min(sensor.gravity) as std_mg,
            1000 * (max(a.max) - min(a.min)) / min(sensor.gravity) as range_mg
        from sensor
        cross join windows as w
        join steps as s on s.at >= w.at and s.at < w.at + sensor.length
        cross join lateral (
            values ('x', s.x, s.x_min, s.x_max), ('y', s.y, s.y_min, s.y_max), ('z', s.z, s.z_min, s.z_max)
        ) as a (axis, moments, min, max)
        where a.min is not null
        group by w.at, a.axis
    )
    select a.at, count(*) filter (where a.std_mg < _std_mg or a.range_mg < _range_mg) >= 2 as is_nonwear
    from axes as a
    group by a.at
    having count(*) >= 2
    order by a.at;
end;

comment on function analytics.session_nonwear(
    bigint, text, double precision, double precision, double precision, double precision, double precision, timestamptz,
    timestamptz
) is
'Non-wear time of a recording, as far as a device shows it that lies still: one row per window of _window_s seconds (a '
'multiple of _step_s) that lies within the readings; windows begin at multiples of _step_s seconds since 2000-01-03 '
'00:00 UTC. An axis is still when its sample deviation is below _std_mg or its range below _range_mg, in mg; '
'is_nonwear: two of three axes are (van Hees 2011, doi 10.1371/journal.pone.0022922, and 2013, doi '
'10.1371/journal.pone.0061691; some read them as requiring both). _unit: what 1 g is in the unit of the sensor, also '
'when archived; NULL: what the app declared, m/s2 if nothing. _from, _to: only readings between these times, of '
'archived ones whole minutes. Archived readings are included if _step_s is a number of minutes. Windows in which fewer '
'than two axes have values have no row.';
