-- The stays of a track in arrays, by their legs as from app.stay_legs(): one row each, in the order of time.
create or replace function app.track_stays(
    _micros bigint[], _latitude double precision[], _longitude double precision[], _legs int4multirange
)
returns table (
    from_at timestamptz, to_at timestamptz, fixes integer, latitude double precision, longitude double precision
)
language sql
stable
parallel safe
begin atomic
    select
        to_timestamp(_micros[lower(stay) - 1] / 1000000.0::double precision) as from_at,
        to_timestamp(_micros[upper(stay) - 1] / 1000000.0::double precision) as to_at,
        upper(stay) - lower(stay) + 1 as fixes, centre.latitude,
        case
            when centre.longitude > 180 then centre.longitude - 360
            when centre.longitude < -180 then centre.longitude + 360
            else centre.longitude
        end as longitude
    from unnest(_legs) as stay
    cross join lateral (
        select
            avg(f.latitude) as latitude,
            -- A stay on the 180th meridian has longitudes of both signs.
            avg(
                f.longitude + case
                    when f.longitude - _longitude[lower(stay)] > 180 then -360
                    when f.longitude - _longitude[lower(stay)] < -180 then 360
                    else 0
                end
            ) as longitude
        from unnest(
            _latitude[lower(stay) - 1:upper(stay) - 1], _longitude[lower(stay) - 1:upper(stay) - 1]
        ) as f (latitude, longitude)
    ) as centre
    order by lower(stay);
end;
