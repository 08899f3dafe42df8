-- Partials of the archived readings of a recording, one row per sensor and axis: merged from the minutes that begin
-- between two times, the one in which the first lies included. In app, as analysts read them by session_metrics().
create or replace function app.archived_moments(_recording bigint, _from timestamptz, _to timestamptz)
returns table (
    sensor_type_id integer, axis text, moments double precision[], min double precision, max double precision,
    place integer
)
language sql
stable
parallel safe
begin atomic
    select r.sensor_type_id, r.axis, analytics.merged_moments(r.moments), min(r.min), max(r.max), r.place
    from app.rollups as r
    where r.is_archived and r.bucket_minutes = 1 and r.recording_id = _recording
        and (_from is null or r.bucket > _from - interval '1 minute') and (_to is null or r.bucket <= _to)
    group by r.sensor_type_id, r.axis, r.place;
end;
