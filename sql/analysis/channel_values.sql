-- What the three modes of session_anomalies() read. Long instead of wide, because each channel has a mean of its own.
create or replace function analytics.channel_values(
    _recording bigint, _metrics jsonb, _from timestamptz default null, _to timestamptz default null
)
returns table (
    sensor_type_id integer, axis text, recorded_at timestamptz, value double precision,
    mean double precision, std double precision, min double precision, max double precision
)
language sql
stable
parallel safe
begin atomic
    select c.sensor_type_id, c.axis, d.recorded_at, v.value, c.mean, c.std, c.min, c.max
    from jsonb_to_recordset(
        case when exists (select from analytics.sessions as s where s.recording_id = _recording) then _metrics end
    ) as c (
        sensor_type_id integer, axis text, place integer, is_channel boolean,
        mean double precision, std double precision, min double precision, max double precision
    )
    join app.stored_session_readings(_recording, _from, _to) as d on d.sensor_type_id = c.sensor_type_id
    cross join lateral (
        select analytics.axis_value(
            c.place, c.axis, d.magnitude, d.x, d.y, d.z, d.value, d.speed, d.altitude, d.accuracy, d.extra
        ) as value
    ) as v
    -- What never changes has no deviation to measure by, in any mode.
    where c.is_channel and c.min < c.max and c.std > 0;
end;

comment on function analytics.channel_values(bigint, jsonb, timestamptz, timestamptz) is
'One row per reading and channel of a recording, with mean, std, min and max of the channel. _metrics: the rows of '
'session_metrics() as a JSON array. Channels whose values are all equal have no rows. value NULL: the reading has no '
'value on this channel.';
