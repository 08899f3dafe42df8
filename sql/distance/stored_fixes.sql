-- Which stored readings are fixes: latitude and longitude are there and on the globe. A negative accuracy is how
-- phones report that the coordinates themselves are invalid. What is beyond a column is in extra: so are longitudes
-- from 180 to 360 degrees, which are folded. In app for the reason given in app.stored_readings.
create or replace view app.stored_fixes as
select
    d.recording_id, d.sensor_type_id, d.recorded_at, d.latitude,
    case
        when d.longitude is not null then d.longitude
        when jsonb_typeof(d.extra -> 'longitude') = 'number'
            then
                case
                    when (d.extra -> 'longitude')::numeric between 180 and 360
                        then (d.extra -> 'longitude')::numeric::double precision - 360
                end
    end as longitude,
    d.accuracy
from app.sensor_data as d
where d.latitude is not null and (d.longitude is not null or d.extra ? 'longitude')
    and (d.accuracy >= 0 or d.accuracy is null);
