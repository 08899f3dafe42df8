-- From the readings themselves, as partials of stored readings may be behind. In app, as analysts have
-- user_statistics(), which calls it.
create or replace function app.readings_between(
    _recording bigint, _sensor_type_id integer, _from timestamptz, _until timestamptz
)
returns bigint
language sql
stable
parallel safe
begin atomic
    select stored.count + archived.count
    from (
        select count(*) as count from app.stored_readings as d
        where d.recording_id = _recording::integer and d.sensor_type_id = _sensor_type_id
            and d.recorded_at >= _from and d.recorded_at < _until
    ) as stored
    cross join (
        select coalesce(sum(r.count), 0)::bigint as count from analytics.rollup_partials as r
        where r.is_archived and r.bucket_minutes = 1 and r.recording_id = _recording
            and r.sensor_type_id = _sensor_type_id and r.bucket >= _from and r.bucket < _until
    ) as archived;
end;
