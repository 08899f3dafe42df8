-- Per minute, as archiving keeps them.
create or replace function analytics.session_cadence(
    _recording bigint, _sensor text default 'accelerometer', _from timestamptz default null,
    _to timestamptz default null
)
returns table (minute timestamptz, steps bigint)
language sql
stable
parallel safe
begin atomic
    select m.minute, m.steps
    from analytics.session_sensors as n
    cross join lateral (
        select
            analytics.bucket_start(1, s.at) as minute,
            case when count(s.is_step) > 0 then count(*) filter (where s.is_step) end as steps
        from app.stored_steps(_recording, n.sensor_type_id, _from, _to) as s
        group by analytics.bucket_start(1, s.at)
        union all
        select a.bucket, a.steps::bigint
        from app.archived_epochs as a
        where a.recording_id = _recording and a.sensor_type_id = n.sensor_type_id
            and (_from is null or a.bucket > _from - interval '1 minute') and (_to is null or a.bucket <= _to)
    ) as m
    where n.recording_id = _recording and n.sensor = _sensor
    order by m.minute;
end;

comment on function analytics.session_cadence(bigint, text, timestamptz, timestamptz) is
'Cadence of a recording: one row per UTC minute that has readings with x, y and z, archived readings included. steps: '
'those of session_steps() in the minute, the cadence in steps per minute where the minute is whole; NULL: too few '
'readings per second to see any. _from, _to: only readings between these times, of archived ones whole minutes. No '
'rows: there is no such session or sensor; archived are sensors as in session_epochs().';
