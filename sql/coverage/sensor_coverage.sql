-- One sensor of some recordings of a user between two times, as one sequence in the order of time, however many
-- recordings it comes from: one row. A minute that was archived is its first and its last reading; where a pause
-- between two such readings is, or how long, is known only if no reading lay between them. recorded_s: from the first
-- to the last reading, each pause for _gap_s at most; NULL: not known. longest_s: the longest pause that is known,
-- hidden_s: the longest time in which there may be others. In app, as analysts have user_coverage(), which calls it.
create or replace function app.sensor_coverage(
    _recordings bigint[], _sensor_type_id integer, _from_at timestamptz, _until_at timestamptz,
    _gap_s double precision
)
returns table (
    readings bigint, first_at timestamptz, last_at timestamptz, recorded_s double precision,
    longest_s double precision, hidden_s double precision
)
language sql
stable
parallel safe
begin atomic
    select
        sum(p.count)::bigint as readings, min(p.at) as first_at, max(p.at) as last_at,
        case
            when bool_or(p.is_hidden and p.pause_s > _gap_s) is not true
                then sum(least(p.pause_s, _gap_s)) filter (where p.pause_s is not null)
        end as recorded_s,
        max(p.pause_s) filter (where not p.is_hidden) as longest_s,
        max(p.pause_s) filter (where p.is_hidden) as hidden_s
    from (
        select
            r.at, r.count, date_part('epoch', lead(r.at) over track - r.at) as pause_s,
            coalesce(max(r.hidden_until) over track > r.at, false) as is_hidden
        from (
            select d.recorded_at as at, 1 as count, null::timestamptz as hidden_until
            from unnest(_recordings) as recording (id)
            cross join app.stored_readings as d
            where d.recording_id = recording.id::integer and d.sensor_type_id = _sensor_type_id
                and d.recorded_at >= _from_at and d.recorded_at < _until_at
            union all
            select reading.at, reading.count, reading.hidden_until
            from unnest(_recordings) as recording (id)
            cross join lateral (
                select a.count, a.first_at, a.last_at
                from analytics.rollup_partials as a
                where a.is_archived and a.bucket_minutes = 1 and a.recording_id = recording.id
                    and a.sensor_type_id = _sensor_type_id and a.bucket >= analytics.bucket_start(1, _from_at)
                    and a.bucket < _until_at and a.last_at >= _from_at
                offset 0  -- noqa: AM09
            ) as m
            cross join lateral (
                values
                    (m.first_at, m.count, case when m.count > 2 then m.last_at end),
                    (case when m.count > 1 then m.last_at end, 0, null)
            ) as reading (at, count, hidden_until)
            where reading.at is not null
        ) as r
        window track as (order by r.at)
    ) as p;
end;
