-- One branch per sensor, planned with its values known: then only the chunks of the recording are read, and sensors in
-- parallel. A gap is longer than 3 expected intervals: one or two late or lost readings are jitter, which phones have
-- at any rate; from the third on, the sensor was interrupted.
create or replace function analytics.session_quality(
    _recording bigint, _from timestamptz default null, _to timestamptz default null, _has_extra boolean default true
)
returns table (
    sensor_type_id integer, sensor text, count bigint, first_at timestamptz, last_at timestamptz,
    achieved_hz double precision, expected_hz double precision, expected_from text, expected_count bigint,
    coverage double precision, gap_count bigint, max_gap_s double precision, jitter_ms double precision,
    outside_count bigint, numbers_as_text bigint
)
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    _gap_intervals constant integer := 3;
    -- From here on a process for each sensor pays: they start in a few milliseconds.
    _parallel_from constant integer := 200000;
    _s analytics.sessions;
    _read_from timestamptz;
    _read_to timestamptz;
    _rates jsonb;
    _intervals text;
begin
    select * into _s from analytics.sessions as s where s.recording_id = _recording;
    _read_from := coalesce(_from, _s.first_reading_at);
    _read_to := coalesce(_to, _s.last_reading_at);
    execute 'select jsonb_agg(to_jsonb(r)) from analytics.sensor_rates($1, $2, $3) as r'
    into _rates using _recording, _read_from, _read_to;
    select string_agg(
        format(
            'select i.* from analytics.%I($1, %s, %L, $2, $3) as i',
            case when _s.record_count < _parallel_from then 'sensor_intervals' else 'parallel_intervals' end,
            r.sensor_type_id, _gap_intervals / r.expected_hz
        ),
        ' union all '
    )
    into _intervals
    from jsonb_to_recordset(_rates) as r (sensor_type_id integer, expected_hz double precision)
    where r.sensor_type_id is not null;
    return query execute format(
        $query$
        with intervals as materialized (%1$s),
        texts as (
            select t.* from analytics.text_numbers($1, $2, $3) as t where $8
        )
        select r.sensor_type_id, r.sensor, total.count, r.first_at, r.last_at,
            (total.count - 1) / nullif(date_part('epoch', r.last_at - r.first_at), 0) as achieved_hz,
            r.expected_hz, r.expected_from, expected.count as expected_count,
            case when total.count > 0 then (total.count - r.outside_count) / expected.count::double precision else 0 end
            as coverage,
            coalesce(i.gap_count, 0) + edges.gap_count as gap_count,
            greatest(i.max_gap_s, edges.max_gap_s) as max_gap_s,
            float8_stddev_samp(i.even) * 1000 as jitter_ms, r.outside_count,
            coalesce(t.count, 0) as numbers_as_text
        from jsonb_to_recordset($4) as r (
            sensor_type_id integer, sensor text, first_at timestamptz, last_at timestamptz,
            expected_hz double precision, expected_from text, outside_count bigint
        )
        left join intervals as i on i.sensor_type_id = r.sensor_type_id
        left join texts as t on t.sensor_type_id = r.sensor_type_id
        cross join lateral (
            select case when r.first_at is null then 0 else 1 + i.even[1]::bigint + i.gap_count end as count
        ) as total
        -- Of the days of a sensor that were archived nothing is expected any more.
        cross join lateral (
            select
                greatest($5, max(a.bucket + interval '24 hours') filter (where a.bucket < r.first_at)) as from_at,
                least($6, min(a.bucket) filter (where a.bucket > r.last_at)) as to_at
            from analytics.rollup_partials as a
            where $7 > 0 and a.is_archived and a.bucket_minutes = 1440 and a.recording_id = $1
                and a.sensor_type_id = r.sensor_type_id
        ) as span
        cross join lateral (
            select (round(greatest(date_part('epoch', span.to_at - span.from_at), 0) * r.expected_hz) + 1)::bigint
            as count
        ) as expected
        cross join lateral (
            select count(*) as gap_count, max(pause.seconds) as max_gap_s
            from (
                values
                    -- Of the time of the session, whatever lies outside it.
                    (date_part('epoch', least(r.first_at, span.to_at) - span.from_at)),
                    (
                        case when total.count > 0 then date_part('epoch', span.to_at - greatest(r.last_at, span.from_at)) end
                    )
            ) as pause (seconds)
            -- A pause at the ends is one only if it is a gap: sensors do not begin and end together. Without a rate none
            -- is, but a sensor that never came.
            where pause.seconds > coalesce(%2$s / r.expected_hz, case total.count when 0 then 0 else float8 'infinity' end)
        ) as edges
        order by r.sensor
        $query$,
        coalesce(_intervals, 'select i.* from analytics.sensor_intervals(null, null, null) as i'), _gap_intervals
    )
    using
        _recording, _read_from, _read_to, _rates, greatest(coalesce(_s.start_time, _s.first_reading_at), _from),
        least(coalesce(_s.end_time, _s.last_reading_at), _to), _s.archived_count, _has_extra;
end
$$;

comment on function analytics.session_quality(bigint, timestamptz, timestamptz, boolean) is
'How complete and how even the readings of each sensor of a recording are, between start_time and end_time of the '
'session or, as long as it has not ended, the last reading of any sensor: one row per sensor, also of those that the '
'app declared (declared_sensors()) and that never came, with count and coverage 0. count: number of readings; '
'first_at, last_at: times of the first and the last. achieved_hz: (count - 1) / seconds between them. expected_hz, '
'expected_from: see sensor_rates(). expected_count: number of readings in the time of the session at that rate; '
'coverage: (count - outside_count) / expected_count; 1 is complete, more means that the phone was faster. gap_count: '
'number of pauses longer than 3 expected intervals, those from the start to the first reading and from the last to the '
'end included; max_gap_s: the longest of these, or else the longest interval between two readings, in seconds. '
'jitter_ms: sample standard deviation of the intervals between readings that are not gaps. outside_count: number of '
'readings before start_time or after end_time of the session. numbers_as_text: number of values that were sent as '
'text, such as "0.12", and are therefore in no statistic. NULL: one reading has no interval, and without a rate '
'nothing is expected. Days that were archived count in nothing. _from, _to: only readings and time between these. '
'_has_extra false: no reading has extra, so that numbers_as_text is 0 without counting.';
