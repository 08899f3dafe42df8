-- For charts: least and greatest values of whole minutes, of a sensor of a session. Either all minutes, or those alone
-- whose readings were archived. In app, as it does not ask whether the session was deleted: who calls it has.
create or replace function app.minute_ranges(
    _recording bigint, _sensor_type_id integer, _value_key text, _from timestamptz, _to timestamptz,
    _is_archived_only boolean
)
returns table (bucket timestamptz, axis text, count bigint, min double precision, max double precision)
language sql
stable
parallel safe
begin atomic
    select m.bucket, a.axis, a.count, a.min, a.max
    from (
        select
            r.bucket, r.magnitude_count, r.magnitude_min, r.magnitude_max, r.x_count, r.x_min, r.x_max,
            r.y_count, r.y_min, r.y_max, r.z_count, r.z_min, r.z_max,
            r.value_count, r.value_min, r.value_max, r.speed_count, r.speed_min, r.speed_max
        from analytics.sensor_minute as r
        where not _is_archived_only and r.recording_id = _recording and r.sensor_type_id = _sensor_type_id
            and r.bucket > _from - interval '1 minute' and r.bucket <= _to
        union all
        select
            r.bucket, r.magnitude_count, r.magnitude_min, r.magnitude_max, r.x_count, r.x_min, r.x_max,
            r.y_count, r.y_min, r.y_max, r.z_count, r.z_min, r.z_max,
            r.value_count, r.value_min, r.value_max, r.speed_count, r.speed_min, r.speed_max
        from app.archived_rollups as r
        where _is_archived_only and r.recording_id = _recording and r.sensor_type_id = _sensor_type_id
            and r.bucket_minutes = 1 and r.bucket > _from - interval '1 minute' and r.bucket <= _to
    ) as m
    cross join lateral (
        values
            ('magnitude', m.magnitude_count, m.magnitude_min, m.magnitude_max), ('x', m.x_count, m.x_min, m.x_max),
            ('y', m.y_count, m.y_min, m.y_max), ('z', m.z_count, m.z_min, m.z_max),
            (_value_key, m.value_count, m.value_min, m.value_max), ('speed', m.speed_count, m.speed_min, m.speed_max)
    ) as a (axis, count, min, max)
    where a.count > 0;
end;
