-- The stays that moving_m leaves out, and where they are.
create or replace function analytics.session_stays(
    _recording bigint, _stay_m double precision default 50, _stay_s double precision default 300,
    _accuracy_max_m double precision default null, _max_speed_m_s double precision default null
)
returns table (
    sensor_type_id integer, sensor text, from_at timestamptz, to_at timestamptz, duration_s double precision,
    fixes integer, latitude double precision, longitude double precision
)
language sql
stable
parallel safe
begin atomic
    select
        t.sensor_type_id, t.sensor, edge.from_at, edge.to_at, date_part('epoch', edge.to_at - edge.from_at), edge.fixes,
        centre.latitude,
        case
            when centre.longitude > 180 then centre.longitude - 360
            when centre.longitude < -180 then centre.longitude + 360
            else centre.longitude
        end as longitude
    from app.stored_tracks(_recording, _accuracy_max_m) as t
    cross join lateral app.possible_fixes(
        t.used_micros, t.used_latitude, t.used_longitude, coalesce(_max_speed_m_s, app.max_speed_m_s())
    ) as k
    cross join lateral unnest(app.stay_legs(k.micros, k.latitude, k.longitude, _stay_m, _stay_s)) as stay
    cross join lateral (
        select
            to_timestamp(k.micros[lower(stay) - 1] / 1000000.0::double precision) as from_at,
            to_timestamp(k.micros[upper(stay) - 1] / 1000000.0::double precision) as to_at,
            upper(stay) - lower(stay) + 1 as fixes, k.longitude[lower(stay)] as near
    ) as edge
    cross join lateral (
        select
            avg(f.latitude) as latitude,
            -- A stay on the 180th meridian has longitudes of both signs.
            avg(
                f.longitude + case
                    when f.longitude - edge.near > 180 then -360 when f.longitude - edge.near < -180 then 360 else 0
                end
            ) as longitude
        from unnest(
            k.latitude[lower(stay) - 1:upper(stay) - 1], k.longitude[lower(stay) - 1:upper(stay) - 1]
        ) as f (latitude, longitude)
    ) as centre
    order by t.sensor, edge.from_at;
end;

comment on function analytics.session_stays(
    bigint, double precision, double precision, double precision, double precision
) is
'Where the phone rested during a recording (Li 2008): one row per sensor and stay, in the order of time, of the stored '
'fixes of session_distance() whose accuracy is unknown or at most _accuracy_max_m metres (NULL: all). From an anchor '
'on, all fixes at most _stay_m metres from it are one stay if the last of them came _stay_s seconds or more after it; '
'the next anchor is the first fix after the stay, or else the fix after the anchor. from_at, to_at: its first and last '
'fix; duration_s: seconds between them; fixes: number of them; latitude, longitude: their mean, in degrees. Positions '
'are not archived: readings that were have no stays any more. A speed below _stay_m / _stay_s looks like rest.';
