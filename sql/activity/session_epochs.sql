-- Epochs of 5 s divide a minute, so that archived minutes have whole ones. MAD is proportional to the unit; ENMO is
-- not, as what was below 1 g in the unit of that time was cut off.
create or replace function analytics.session_epochs(
    _recording bigint, _sensor text default 'accelerometer', _unit double precision default null,
    _epoch_s double precision default 5, _from timestamptz default null, _to timestamptz default null
)
returns table (at timestamptz, readings bigint, enmo_mg double precision, mad_mg double precision)
language sql
stable
parallel safe
begin atomic
    select e.at, e.readings, e.enmo_mg, e.mad_mg
    from (
        select
            n.sensor_type_id,
            coalesce(
                app.checked_number('_unit', _unit, 0.001, 1000000), app.gravity(_recording, n.sensor_type_id)
            ) as gravity,
            make_interval(secs => app.checked_number('_epoch_s', _epoch_s, 0.001, 86400)) as epoch
        from analytics.session_sensors as n
        where n.recording_id = _recording and n.sensor = _sensor
        -- Computed once, not for each reading.
        offset 0  -- noqa: AM09
    ) as s
    cross join lateral (
        select d.at, d.readings, d.enmo_mg, d.mad_mg
        from app.stored_epochs(_recording, s.sensor_type_id, s.gravity, s.epoch, _from, _to) as d
        union all
        select
            a.bucket + (k.number - 1) * interval '5 s', k.readings,
            case when a.gravity = s.gravity then k.enmo_mg end,
            case when a.gravity = s.gravity then k.mad_mg else k.mad_mg * a.gravity / s.gravity end
        from app.archived_epochs as a
        cross join lateral unnest(a.readings, a.enmo_mg, a.mad_mg) with ordinality as k (
            readings, enmo_mg, mad_mg, number
        )
        where a.recording_id = _recording and a.sensor_type_id = s.sensor_type_id and k.readings is not null
            and _epoch_s = 5
            and (_from is null or a.bucket > _from - interval '1 minute') and (_to is null or a.bucket <= _to)
    ) as e
    order by e.at;
end;

comment on function analytics.session_epochs(
    bigint, text, double precision, double precision, timestamptz, timestamptz
) is
'Acceleration of a recording per epoch: one row per epoch of _epoch_s seconds that has readings with x, y and z, '
'archived readings included. at: its start, a multiple of the epoch since 2000-01-03 00:00 UTC. _epoch_s: 0.001 to '
'86400. enmo_mg: mean of max(|a| - 1 g, 0) in mg (ENMO, van Hees 2013, doi 10.1371/journal.pone.0061691). mad_mg: mean '
'of ||a| - mean |a|| in mg (MAD, Vaha-Ypya 2015, doi 10.1371/journal.pone.0134813). _unit: what 1 g is in the unit of '
'the sensor, 9.80665 for m/s2, 1 for g, 0.001 to 1000000; NULL: what the app declared, m/s2 if nothing. Epochs with '
'holes are not treated in a special way. _from, _to: only readings between these times, of archived ones whole '
'minutes. Archived are epochs of 5 s of sensors that declared a unit of acceleration or have accel in their name, '
'computed with the unit declared then: with another _epoch_s there are none. If another unit was declared since, or is '
'asked for by _unit, mad_mg is converted; enmo_mg is NULL, as it is not known any more. No rows: there is no such '
'session or sensor.';
