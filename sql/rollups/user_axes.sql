-- The rollups of a user's recordings in user_period(), of buckets of 1 or 60 minutes that begin in it, of all axes,
-- before and after archiving. _sensor, _axis: of these only; NULL: of all. place: as in app.rollups. Axes without a
-- column in the partials are computed from the stored readings; these are not read where _axis has one. In app, as
-- analysts have user_rollups(), which calls it.
create or replace function app.user_axes(
    _user bigint, _from date, _to date, _timezone text, _bucket_minutes integer, _sensor text, _axis text
)
returns table (
    timezone text, recording_id bigint, sensor text, bucket timestamptz, place integer, axis text,
    moments double precision[], min double precision, max double precision
)
language sql
stable
parallel safe
begin atomic
    select t.timezone, t.recording_id, t.sensor, m.bucket, m.place, m.axis, m.moments, m.min, m.max
    from app.user_sensors(_user, _from, _to, _timezone, _bucket_minutes) as t
    cross join lateral (
        select both_sides.*
        from (
            select r.bucket, r.place, r.axis, r.moments, r.min, r.max
            from app.rollups as r
            where r.bucket_minutes = _bucket_minutes
                and r.recording_id = t.recording_id and r.sensor_type_id = t.sensor_type_id
                and r.bucket >= t.from_at and r.bucket <= t.to_at and (_axis is null or r.axis = _axis)
            union all
            select
                analytics.bucket_start(_bucket_minutes, e.bucket), e.place, e.axis,
                analytics.merged_moments(e.moments), min(e.min), max(e.max)
            from (
                select
                    analytics.bucket_start(
                        _bucket_minutes, t.from_at + edge.width - interval '1 microsecond'
                    ) as from_at,
                    analytics.bucket_start(_bucket_minutes, t.to_at) + edge.width - interval '1 microsecond' as to_at
                from (select make_interval(mins => _bucket_minutes) as width) as edge
                where _axis is null or app.named_axis(_axis, t.value_key) > 6
                offset 0  -- noqa: AM09
            ) as whole
            cross join lateral app.extra_partials(t.recording_id, whole.from_at, whole.to_at, t.sensor_type_id) as e
            where _axis is null or e.axis = _axis
            group by analytics.bucket_start(_bucket_minutes, e.bucket), e.place, e.axis
        ) as both_sides
        offset 0  -- noqa: AM09
    ) as m
    where _sensor is null or t.sensor = _sensor;
end;
