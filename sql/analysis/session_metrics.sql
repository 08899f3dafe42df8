-- What is stored and what was archived, merged.
create or replace function analytics.session_metrics(
    _recording bigint, _from timestamptz default null, _to timestamptz default null,
    _with_archived boolean default true, _columns jsonb default null
)
returns table (
    sensor_type_id integer, sensor text, axis text, count bigint, mean double precision, std double precision,
    min double precision, max double precision, peak_to_peak double precision, is_channel boolean, place integer
)
language sql
stable
parallel safe
begin atomic
    with parts as (
        select s.* from app.stored_moments(_recording, _from, _to, _columns) as s
        union all
        select a.* from app.archived_moments(_recording, _from, _to) as a where _with_archived
    ),
    axes as (
        select
            p.sensor_type_id, p.axis, p.place, analytics.merged_moments(p.moments) as moments,
            min(p.min) as min, max(p.max) as max,
            row_number() over (
                partition by p.sensor_type_id, p.place = 9 order by sum(p.moments[1]) desc, p.axis collate "C"
            ) as rank,
            coalesce(bool_or(p.place = 1) over (partition by p.sensor_type_id), false) as has_magnitude
        from parts as p
        group by p.sensor_type_id, p.axis, p.place
    )
    select
        a.sensor_type_id, s.sensor, a.axis, a.moments[1]::bigint as count,
        -- Rounding would give equal values another mean and a deviation that is not 0.
        case when a.min = a.max then a.min else float8_avg(a.moments) end as mean,
        case when a.min < a.max or a.moments[1] = 1 then float8_stddev_samp(a.moments) else 0 end as std,
        a.min, a.max, a.max - a.min as peak_to_peak,
        a.place not in (2, 3, 4) or not a.has_magnitude as is_channel,
        a.place
    from axes as a
    join analytics.session_sensors as s on s.recording_id = _recording and s.sensor_type_id = a.sensor_type_id
    where (a.place < 9 or a.rank <= app.extra_axis_limit())
        -- A sensor whose value is called magnitude and that has axes too: the computed one goes first.
        and not (a.place = 5 and a.axis = 'magnitude' and a.has_magnitude)
    order by s.sensor, a.place, a.axis;
end;

comment on function analytics.session_metrics(bigint, timestamptz, timestamptz, boolean, jsonb) is
'What each sensor of a recording measured: one row per sensor and axis. count: number of values; mean, std (sample '
'standard deviation, n - 1), min, max, peak_to_peak (max - min): in the unit the phone sent; std NULL: a single '
'value. Axes: x, y, z, magnitude (sqrt(x2 + y2 + z2), of readings that have all three), the value of sensors with '
'one (named as the phone calls it: pressure, heart_rate, ...), speed, altitude, accuracy, and the numeric keys of '
'extra (the 32 that most readings have; size 0 or 1e-100 to 1e100). is_channel: session_anomalies() examines it (not '
'x, y, z of a sensor with a magnitude). place: the order in which axes are shown. Latitude, longitude and bearing '
'have no row: they wrap around, so their mean has no meaning. _from, _to: only readings between these times, of '
'archived ones whole minutes. _with_archived false: without archived readings. _columns: the rows of '
'column_moments() as a JSON array; NULL: they are looked up. steps and other counters: see session_counters().';
