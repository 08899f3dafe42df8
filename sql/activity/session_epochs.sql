-- The mean of an epoch is needed before deviations from it can be summed, so it comes from a window over the epoch.
create or replace function analytics.session_epochs(
    _recording bigint, _sensor text default 'accelerometer', _unit double precision default 9.80665,
    _epoch_s double precision default 5
)
returns table (at timestamptz, readings bigint, enmo_mg double precision, mad_mg double precision)
language sql
stable
parallel safe
begin atomic
    with magnitudes as (
        select
            date_bin(make_interval(secs => _epoch_s), d.recorded_at, timestamptz '2000-01-03 00:00Z') as at,
            1000 * d.magnitude / _unit as mg
        from analytics.session_sensors as s
        join app.stored_session_readings(_recording, null, null) as d on d.sensor_type_id = s.sensor_type_id
        where s.recording_id = _recording and s.sensor = _sensor and d.magnitude is not null
    ),
    deviations as (
        select m.at, m.mg, avg(m.mg) over (partition by m.at) as mean_mg
        from magnitudes as m
    )
    select
        d.at, count(*) as readings, avg(greatest(d.mg - 1000, 0)) as enmo_mg, avg(abs(d.mg - d.mean_mg)) as mad_mg
    from deviations as d
    group by d.at
    order by d.at;
end;

comment on function analytics.session_epochs(bigint, text, double precision, double precision) is
'Acceleration of a recording per epoch: one row per epoch of _epoch_s seconds that has readings with x, y and z. at: '
'its start, a multiple of the epoch since 1970. enmo_mg: mean of max(|a| - 1 g, 0) in mg (ENMO, van Hees 2013, '
'doi 10.1371/journal.pone.0061691). mad_mg: mean of ||a| - mean |a|| in mg (MAD, Vaha-Ypya 2015, '
'doi 10.1371/journal.pone.0134813). _unit: what 1 g is in the unit of the sensor: 9.80665 for m/s2, 1 for g. Epochs '
'with holes are not treated in a special way. No rows: there is no such session or sensor, or it was archived.';
