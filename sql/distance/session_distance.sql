-- The one definition of distance: every other one is a sum of the same minutes.
create or replace function analytics.session_distance(
    _recording bigint, _accuracy_max_m double precision default 20, _min_gap_s double precision default 60,
    _from timestamptz default null, _to timestamptz default null, _gap_factor double precision default 3,
    _max_speed_m_s double precision default null, _stay_m double precision default 50,
    _stay_s double precision default 300
)
returns table (
    sensor_type_id integer, sensor text, raw_m double precision, gated_m double precision, moving_m double precision,
    unjoined_s double precision, fixes bigint, fixes_used bigint, is_counted boolean
)
language sql
stable
parallel safe
begin atomic
    select
        m.sensor_type_id, m.sensor,
        case when count(m.fixes) = count(*) then sum(m.raw_m order by m.bucket) end as raw_m,
        case when count(m.fixes_used) = count(*) then sum(m.gated_m order by m.bucket) end as gated_m,
        case when count(m.fixes_used) = count(*) then sum(m.moving_m order by m.bucket) end as moving_m,
        case when count(m.fixes_used) = count(*) then sum(m.unjoined_s order by m.bucket) end as unjoined_s,
        case when count(m.fixes) = count(*) then sum(m.fixes) end::bigint as fixes,
        case when count(m.fixes_used) = count(*) then sum(m.fixes_used) end::bigint as fixes_used,
        m.is_counted
    from analytics.minute_distance(
        _recording, _accuracy_max_m, _min_gap_s, _gap_factor, _max_speed_m_s, _stay_m, _stay_s
    ) as m
    where (_from is null or m.bucket >= analytics.bucket_start(1, _from)) and (_to is null or m.bucket <= _to)
    group by m.sensor_type_id, m.sensor, m.is_counted
    order by m.sensor;
end;

comment on function analytics.session_distance(
    bigint, double precision, double precision, timestamptz, timestamptz, double precision, double precision,
    double precision, double precision
) is
'How far the phone moved during a recording: one row per sensor with fixes, archived minutes included, in metres along '
'its fixes in the order of time, by haversine_m(). A fix is a reading with a latitude and a longitude on the globe '
'(longitudes from 180 to 360 are folded) whose accuracy is not negative, which reports that the coordinates are '
'invalid. A fix that could only be reached faster than _max_speed_m_s (NULL: the setting koodtx.max_speed_m_s of the '
'database, 100 unless it is set) is none: the longest stretch without such a leg is taken to be right, and from it '
'forwards and backwards each fix is compared with the nearest one that was kept. raw_m: all legs between such fixes, '
'however inaccurate and however far apart in time. gated_m: legs between fixes whose accuracy is unknown or at most '
'_accuracy_max_m metres (NULL: no limit) that last no longer than the gap limit: the greater of _min_gap_s seconds and '
'_gap_factor times the median interval of these fixes. unjoined_s: seconds of longer legs, which are not joined. '
'moving_m: gated_m without the legs within a stay (session_stays() of the same fixes, by _stay_m and _stay_s), so '
'that the noise of a phone at rest adds nothing. fixes: how many raw_m joins; fixes_used: how many gated_m does. '
'is_counted: totals of users count this sensor, the one with most fixes_used, so that two sensors with the same way '
'do not add up. _from, _to: legs that end in the minutes between them; limits and stays are those of the whole '
'recording. NULL metres: unknown, as there is no such leg; 0: there are some, and none moved. Archived minutes were '
'measured with the defaults: with another _max_speed_m_s all is NULL for a sensor that has any, with other limits all '
'but raw_m and fixes. Between archived days and readings that came later nothing is joined, nor unjoined. No row: the '
'sensor has no fixes.';
