-- At most _limit readings of one sensor of a session between two times, in order, as the inside of a JSON array, UTF-8.
-- NULL body: none. last_at: the time of the last one, to go on after it.
create or replace function app.readings_json(
    _recording_id bigint, _sensor_type_id integer, _from timestamptz, _to timestamptz, _limit integer
)
returns table (body bytea, readings bigint, last_at timestamptz)
language sql
stable
begin atomic
    with sensor as (
        select
            format('{"sensor_type":%s,"timestamp":', to_json(t.name)) as head,
            format('%s:', to_json(t.value_key)) as value_key
        from app.recording_sessions as s
        join app.sensor_types as t on t.user_id = s.user_id and t.id = _sensor_type_id
        where s.id = _recording_id
    ),
    slice as (
        select d.*
        from app.sensor_data as d
        where d.recording_id = _recording_id::integer and d.sensor_type_id = _sensor_type_id
            and d.recorded_at between _from and _to
        order by d.recorded_at
        limit _limit
    )
    select
        convert_to(string_agg(
            -- Whole microseconds first: the quotient is then the double nearest to the true milliseconds.
            sensor.head || (round(date_part('epoch', slice.recorded_at) * 1e6) / 1e3)::text || ',"data":{' || concat_ws(
                ',',
                '"x":' || slice.x, '"y":' || slice.y, '"z":' || slice.z, sensor.value_key || slice.value,
                '"latitude":' || slice.latitude, '"longitude":' || slice.longitude, '"altitude":' || slice.altitude,
                '"accuracy":' || slice.accuracy, '"speed":' || slice.speed, '"bearing":' || slice.bearing,
                nullif(substr(slice.extra::text, 2, length(slice.extra::text) - 2), '')
            ) || '}}',
            ',' order by slice.recorded_at
        ), 'UTF8'),
        count(*),
        max(slice.recorded_at)
    from slice, sensor;
end;
