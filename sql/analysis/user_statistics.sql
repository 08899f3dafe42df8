-- From the sessions' own rows; only distances read fixes.
create or replace function analytics.user_statistics(
    _user bigint, _from date default null, _to date default null, _accuracy_max_m double precision default 20
)
returns jsonb
language sql
stable
parallel safe
begin atomic
    with found as materialized (
        select s.recording_id, s.record_count, s.duration_s from analytics.user_sessions(_user, _from, _to) as s
    ),
    usage as (
        select n.sensor, count(*) as sessions
        from found
        join analytics.session_sensors as n on n.recording_id = found.recording_id
        group by n.sensor
    ),
    distances as (
        select
            sum(d.raw_m) as raw_m, sum(d.gated_m) as gated_m, sum(d.moving_m) as moving_m,
            sum(d.unjoined_s) as unjoined_s
        from found
        cross join lateral analytics.session_distance(found.recording_id, _accuracy_max_m) as d
        where d.is_counted
    )
    select jsonb_build_object(
        'total_sessions', count(*),
        'total_records', coalesce(sum(found.record_count), 0),
        'total_duration_s', coalesce(sum(found.duration_s), 0),
        'mean_duration_s', avg(found.duration_s),
        'distance_m', (select d.gated_m from distances as d),
        'raw_distance_m', (select d.raw_m from distances as d),
        'moving_distance_m', (select d.moving_m from distances as d),
        'unjoined_s', (select d.unjoined_s from distances as d),
        'accuracy_max_m', _accuracy_max_m,
        'sensor_usage', (select coalesce(jsonb_object_agg(u.sensor, u.sessions), '{}') from usage as u)
    )
    from found
    having exists (select from analytics.users as u where u.id = _user);
end;

comment on function analytics.user_statistics(bigint, date, date, double precision) is
'Returns what a user recorded between two days as one JSON document, the result of generate_statistics: '
'total_sessions that began on the days of user_sessions(), their total_records (readings), total_duration_s and '
'mean_duration_s (seconds from start to end, or to the last reading; a session without readings that has not ended '
'counts in neither; mean_duration_s is null without sessions), distance_m, raw_distance_m, moving_distance_m and '
'unjoined_s (sums of gated_m, raw_m, moving_m and unjoined_s of session_distance() at accuracy_max_m, of the counted '
'sensor of each recording; null: known of none), sensor_usage: in how many of these sessions each sensor recorded. '
'NULL: there is no such user.';
