-- What archiving kept of one sensor of a session in the minutes between two times, the second not included, in order.
-- readings: how many there were; axes: by name count, mean, std, min and max.
create or replace function app.archived_minutes(
    _recording_id bigint, _sensor_type_id integer, _from timestamptz, _until timestamptz
)
returns table (at timestamptz, readings bigint, axes jsonb)
language sql
stable
begin atomic
    select
        p.bucket, p.count,
        coalesce(
            jsonb_object_agg(r.axis, jsonb_build_object(
                'count', r.count, 'mean', r.mean, 'std', r.std, 'min', r.min, 'max', r.max
            )) filter (where r.axis is not null),
            '{}'
        )
    from app.archived_rollups as p
    left join app.rollups as r
        on r.recording_id = _recording_id::integer and r.bucket_minutes = 1 and r.is_archived
        and r.sensor_type_id = _sensor_type_id and r.bucket >= _from and r.bucket < _until and r.bucket = p.bucket
    where p.recording_id = _recording_id::integer and p.bucket_minutes = 1 and p.sensor_type_id = _sensor_type_id
        and p.bucket >= _from and p.bucket < _until
    group by p.bucket, p.count
    order by p.bucket;
end;
