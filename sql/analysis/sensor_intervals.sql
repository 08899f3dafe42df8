-- The primary key returns the readings in the order of time: nothing is sorted.
create or replace function analytics.sensor_intervals(
    _recording bigint, _sensor_type_id integer, _gap_s double precision, _from timestamptz default null,
    _to timestamptz default null
)
returns table (sensor_type_id integer, even double precision[], gap_count bigint, max_gap_s double precision)
language sql
stable
parallel safe
begin atomic
    -- Materialized, so that the session is asked for after the intervals were counted, not beside each of them.
    with intervals as materialized (
        select
            analytics.moments(i.interval_s) filter (where i.interval_s <= _gap_s or _gap_s is null) as even,
            count(*) filter (where i.interval_s > _gap_s) as gap_count,
            max(i.interval_s) as max_gap_s
        from (
            select date_part('epoch', d.recorded_at - lag(d.recorded_at) over (order by d.recorded_at)) as interval_s
            from app.stored_session_readings(_recording, _from, _to) as d
            where d.sensor_type_id = _sensor_type_id
        ) as i
    )
    select _sensor_type_id, i.even, i.gap_count, i.max_gap_s
    from analytics.sessions as s
    cross join intervals as i
    where s.recording_id = _recording;
end;

comment on function analytics.sensor_intervals(bigint, integer, double precision, timestamptz, timestamptz) is
'The intervals between consecutive readings of one sensor of a recording. even: {n, sum, m2} in seconds, as by '
'analytics.moments(), of the intervals up to _gap_s (of all when it is NULL); gap_count: number of longer ones; '
'max_gap_s: the longest of all, in seconds. session_quality() is easier to read.';
