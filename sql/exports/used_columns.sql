-- How many readings of a sensor are stored between two times, and which of their columns have values, in the order of
-- the table. Reads all of them.
create or replace function app.used_columns(
    _recording_id bigint, _sensor_type_id integer, _from timestamptz, _to timestamptz
)
returns table (readings bigint, columns text[])
language sql
stable
begin atomic
    select
        count(*),
        array_remove(array[
            case when count(d.x) > 0 then 'x' end, case when count(d.y) > 0 then 'y' end,
            case when count(d.z) > 0 then 'z' end, case when count(d.value) > 0 then 'value' end,
            case when count(d.latitude) > 0 then 'latitude' end, case when count(d.longitude) > 0 then 'longitude' end,
            case when count(d.altitude) > 0 then 'altitude' end, case when count(d.accuracy) > 0 then 'accuracy' end,
            case when count(d.speed) > 0 then 'speed' end, case when count(d.bearing) > 0 then 'bearing' end,
            case when count(d.extra) > 0 then 'extra' end
        ], null)
    from app.sensor_data as d
    where d.recording_id = _recording_id::integer and d.sensor_type_id = _sensor_type_id
        and d.recorded_at between _from and _to;
end;
