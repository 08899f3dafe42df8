-- Partials of the stored readings of a session between two times, as app.archived_rollups keeps them.
create or replace function app.session_partials(
    _recording_id bigint, _bucket_minutes integer, _from timestamptz, _to timestamptz
)
returns setof app.archived_rollups
language sql
stable
begin atomic
    select
        d.recording_id, d.sensor_type_id, _bucket_minutes,
        date_bin(make_interval(mins => _bucket_minutes), d.recorded_at, timestamptz '2000-01-03 00:00Z') as bucket,
        count(*), min(d.recorded_at), max(d.recorded_at),
        count(d.x), sum(d.x), regr_sxx(d.x, d.x), min(d.x), max(d.x),
        count(d.y), sum(d.y), regr_sxx(d.y, d.y), min(d.y), max(d.y),
        count(d.z), sum(d.z), regr_sxx(d.z, d.z), min(d.z), max(d.z),
        count(d.magnitude), sum(d.magnitude), regr_sxx(d.magnitude, d.magnitude), min(d.magnitude), max(d.magnitude),
        count(d.value), sum(d.value), regr_sxx(d.value, d.value), min(d.value), max(d.value),
        count(d.speed), sum(d.speed), regr_sxx(d.speed, d.speed), min(d.speed), max(d.speed)
    from app.stored_readings as d
    where d.recording_id = _recording_id and d.recorded_at between _from and _to
    group by d.recording_id, d.sensor_type_id, bucket;
end;
