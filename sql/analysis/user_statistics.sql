-- From the sessions' own rows; readings are counted only of sessions that the period cuts. Only distances read fixes.
create or replace function analytics.user_statistics(
    _user bigint, _from date default null, _to date default null, _accuracy_max_m double precision default 20
)
returns jsonb
language sql
stable
parallel safe
begin atomic
    with found as materialized (
        select
            s.recording_id, s.record_count, period.from_at, period.until_at,
            s.first_reading_at >= period.from_at and s.last_reading_at < period.until_at as has_all_readings,
            overlap.is_in_time,
            case
                when overlap.is_in_time and ended.at is not null
                    then greatest(
                        date_part('epoch', least(ended.at, period.until_at) - greatest(s.start_time, period.from_at)), 0
                    )
            end as duration_s
        from analytics.user_period(_user, _from, _to) as period
        join analytics.sessions as s on s.user_id = _user
        cross join lateral (select coalesce(s.end_time, s.last_reading_at) as at) as ended
        cross join lateral (
            select
                s.start_time < period.until_at
                and (s.start_time >= period.from_at or coalesce(ended.at > period.from_at, false)) as is_in_time
        ) as overlap
        where overlap.is_in_time
            or (s.first_reading_at < period.until_at and s.last_reading_at >= period.from_at)
    ),
    sensors as materialized (
        select found.recording_id, n.sensor, counted.readings
        from found
        join analytics.session_sensors as n on n.recording_id = found.recording_id
        cross join lateral (
            select
                case
                    when not found.has_all_readings
                        then app.readings_between(n.recording_id, n.sensor_type_id, found.from_at, found.until_at)
                end as readings
        ) as counted
        where found.has_all_readings or counted.readings > 0
    ),
    parts as materialized (
        select found.*, counted.readings
        from found
        cross join lateral (
            select
                case
                    when found.has_all_readings then found.record_count else coalesce(sum(n.readings), 0)
                end as readings
            from sensors as n
            where n.recording_id = found.recording_id
        ) as counted
        where found.is_in_time or counted.readings > 0
    ),
    usage as (
        select n.sensor, count(*) as sessions from sensors as n group by n.sensor
    ),
    distances as (
        select
            sum(d.raw_m) as raw_m,
            -- Minutes that were archived with another limit: a sum of the others would be too small.
            case when count(d.fixes_used) = count(*) then sum(d.gated_m) end as gated_m,
            case when count(d.fixes_used) = count(*) then sum(d.moving_m) end as moving_m,
            case when count(d.fixes_used) = count(*) then sum(d.unjoined_s) end as unjoined_s
        from parts
        cross join lateral analytics.minute_distance(parts.recording_id, _accuracy_max_m) as d
        where parts.readings > 0 and d.is_counted and d.bucket >= parts.from_at and d.bucket < parts.until_at
    )
    select jsonb_build_object(
        'total_sessions', count(*),
        'total_records', coalesce(sum(parts.readings), 0),
        'total_duration_s', coalesce(sum(parts.duration_s), 0),
        'mean_duration_s', avg(parts.duration_s),
        'distance_m', (select d.gated_m from distances as d),
        'raw_distance_m', (select d.raw_m from distances as d),
        'moving_distance_m', (select d.moving_m from distances as d),
        'unjoined_s', (select d.unjoined_s from distances as d),
        'accuracy_max_m', _accuracy_max_m,
        'sensor_usage', (select coalesce(jsonb_object_agg(u.sensor, u.sessions), '{}') from usage as u)
    )
    from parts
    having exists (select from analytics.users as u where u.id = _user);
end;

comment on function analytics.user_statistics(bigint, date, date, double precision) is
'Returns what a user recorded on the days of user_period() as one JSON document, the result of generate_statistics. '
'total_sessions: sessions that overlap the period, by their start and end (or last reading, as long as '
'there is no end) or by a reading; a session over midnight counts on both days. Of each, only the part within the '
'period counts, so that the days of a period add up to it: total_records (readings), total_duration_s and '
'mean_duration_s (seconds; a session without readings that has not ended counts in neither; mean_duration_s is null '
'without sessions), distance_m, raw_distance_m, moving_distance_m and unjoined_s (sums of gated_m, raw_m, moving_m and '
'unjoined_s of minute_distance() at accuracy_max_m, of the counted sensor of each recording; null: known of none, or '
'measured with another limit, as minutes are that were archived, of some), '
'sensor_usage: in how many of these sessions each sensor recorded. NULL: there is no such user.';
