-- Which stored readings are fixes: latitude and longitude are there and on the globe. A negative accuracy is how
-- phones report that the coordinates themselves are invalid. What is beyond a column is in extra: so are longitudes
-- from 180 to 360 degrees, which are folded, and accuracies that say "unknown" by the largest number there is, which
-- are inaccurate. In app for the reason given in app.stored_readings.
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
    a.accuracy, d.altitude
from app.sensor_data as d
cross join lateral (
    select
        case
            when d.accuracy is not null then d.accuracy
            when jsonb_typeof(d.extra -> 'accuracy') = 'number'
                then
                    case
                        when (d.extra -> 'accuracy')::numeric < 0 then -1
                        when (d.extra -> 'accuracy')::numeric < 1 then 0
                        else 'infinity'::double precision
                    end
        end as accuracy
) as a
where d.latitude is not null and (d.longitude is not null or d.extra ? 'longitude')
    and (a.accuracy >= 0 or a.accuracy is null);
