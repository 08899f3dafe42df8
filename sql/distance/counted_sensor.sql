-- The one sensor of position of a recording that counts, as minute_distance() chooses it; NULL: none has fixes. Only
-- if there are several must they be measured.
create or replace function app.counted_sensor(_recording bigint, _accuracy_max_m double precision)
returns integer
language sql
stable
parallel safe
begin atomic
    with found as materialized (
        select n.sensor_type_id
        from analytics.session_sensors as n
        where n.recording_id = _recording and (
            exists (
                select from app.stored_fixes as f
                where f.recording_id = _recording::integer and f.sensor_type_id = n.sensor_type_id
                    and f.recorded_at >= n.from_at and f.recorded_at <= n.to_at and f.longitude is not null
            )
            or exists (
                select from app.archived_distance as a
                where a.recording_id = _recording and a.sensor_type_id = n.sensor_type_id
            )
        )
    )
    select case
        when count(*) = 1 then min(found.sensor_type_id)
        when count(*) > 1 then (
            select min(m.sensor_type_id)
            from analytics.minute_distance(_recording, _accuracy_max_m) as m
            where m.is_counted
        )
    end
    from found;
end;
