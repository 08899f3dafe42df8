-- At most _limit readings of one sensor of a session between two times, in order, as rows of a CSV file, UTF-8: _head,
-- the time, a cell for each of _columns in the order of the table, and _tail, which has the line's end. Columns that
-- _columns leaves out must be empty: asking again for every reading would take twice as long. NULL body: no readings.
-- last_at: the time of the last one, to go on after it. Numbers need no quotes, and `extra` always begins with a brace.
create or replace function app.readings_csv(
    _recording_id bigint, _sensor_type_id integer, _from timestamptz, _to timestamptz, _limit integer,
    _columns text[], _head text, _tail text
)
returns table (body bytea, readings bigint, last_at timestamptz)
language sql
stable
begin atomic
    -- What stands before each cell.
    with comma as materialized (
        select
            case when 'x' = any(_columns) then ',' end as x, case when 'y' = any(_columns) then ',' end as y,
            case when 'z' = any(_columns) then ',' end as z, case when 'value' = any(_columns) then ',' end as value,
            case when 'latitude' = any(_columns) then ',' end as latitude,
            case when 'longitude' = any(_columns) then ',' end as longitude,
            case when 'altitude' = any(_columns) then ',' end as altitude,
            case when 'accuracy' = any(_columns) then ',' end as accuracy,
            case when 'speed' = any(_columns) then ',' end as speed,
            case when 'bearing' = any(_columns) then ',' end as bearing,
            case when 'extra' = any(_columns) then ',' end as extra
    ),
    slice as (
        select d.*
        from app.sensor_data as d
        where d.recording_id = _recording_id::integer and d.sensor_type_id = _sensor_type_id
            and d.recorded_at between _from and _to
        order by d.recorded_at
        limit _limit
    )
    -- An aggregate without an order of its own keeps the input's.
    select
        convert_to(string_agg(
            concat(
                _head, analytics.iso_time(s.recorded_at), comma.x, s.x, comma.y, s.y, comma.z, s.z,
                comma.value, s.value, comma.latitude, s.latitude, comma.longitude, s.longitude,
                comma.altitude, s.altitude, comma.accuracy, s.accuracy, comma.speed, s.speed, comma.bearing, s.bearing,
                comma.extra, '"' || replace(s.extra::text, '"', '""') || '"', _tail
            ),
            ''
        ), 'UTF8'),
        count(*),
        max(s.recorded_at)
    from slice as s
    cross join comma;
end;
