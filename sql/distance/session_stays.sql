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
        t.sensor_type_id, t.sensor, stay.from_at, stay.to_at, date_part('epoch', stay.to_at - stay.from_at), stay.fixes,
        stay.latitude, stay.longitude
    from app.stored_tracks(_recording, _accuracy_max_m) as t
    cross join lateral app.possible_fixes(
        t.used_micros, t.used_latitude, t.used_longitude, coalesce(_max_speed_m_s, app.max_speed_m_s())
    ) as k
    cross join lateral app.track_stays(
        k.micros, k.latitude, k.longitude, app.stay_legs(k.micros, k.latitude, k.longitude, _stay_m, _stay_s)
    ) as stay
    order by t.sensor, stay.from_at;
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
