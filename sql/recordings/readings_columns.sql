-- At most _limit readings of one sensor of a session between two times, in order, by columns: the numbers of each one
-- after another in binary form. A NULL leaves a column shorter than the others; a column of NULLs is NULL.
-- Four times faster than text, and pushed readings can be compared with it.
create or replace function app.readings_columns(
    _recording_id bigint, _sensor_type_id integer, _from timestamptz, _to timestamptz, _limit integer
)
returns table (
    sensor_type text, value_key text, readings bigint, extras bigint, last_at timestamptz, recorded_at bytea,
    x bytea, y bytea, z bytea, value bytea, latitude bytea, longitude bytea, altitude bytea,
    accuracy bytea, speed bytea, bearing bytea
)
language sql
stable
begin atomic
    with slice as (
        select d.*
        from app.sensor_data as d
        where d.recording_id = _recording_id::integer and d.sensor_type_id = _sensor_type_id
            and d.recorded_at between _from and _to
        order by d.recorded_at
        limit _limit
    ),
    -- Aggregates without an order of their own keep the input's; sorting for each would cost more than all the rest.
    columns as (
        select
            count(*), count(s.extra), max(s.recorded_at), string_agg(timestamptz_send(s.recorded_at), ''),
            string_agg(float8send(s.x), ''), string_agg(float8send(s.y), ''), string_agg(float8send(s.z), ''),
            string_agg(float8send(s.value), ''), string_agg(float8send(s.latitude), ''),
            string_agg(float8send(s.longitude), ''), string_agg(float8send(s.altitude), ''),
            string_agg(float8send(s.accuracy), ''), string_agg(float8send(s.speed), ''),
            string_agg(float8send(s.bearing), '')
        from slice as s
    )
    select t.name, t.value_key, columns.*
    from app.recording_sessions as s
    join app.sensor_types as t on t.user_id = s.user_id and t.id = _sensor_type_id
    cross join columns
    where s.id = _recording_id;
end;
