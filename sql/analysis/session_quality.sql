-- One branch per sensor, planned with its values known: then only the chunks of the recording are read, and sensors in
-- parallel. A gap is longer than 3 expected intervals: one or two late or lost readings are jitter, which phones have
-- at any rate; from the third on, the sensor was interrupted.
create or replace function analytics.session_quality(
    _recording bigint, _from timestamptz default null, _to timestamptz default null
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
    _rates jsonb;
    _intervals text;
begin
    select coalesce(_from, s.first_reading_at), coalesce(_to, s.last_reading_at) into _from, _to
    from analytics.sessions as s where s.recording_id = _recording;
    execute 'select jsonb_agg(to_jsonb(r)) from analytics.sensor_rates($1, $2, $3) as r'
    into _rates using _recording, _from, _to;
    select string_agg(
        format(
            'select i.* from analytics.sensor_intervals($1, %s, %L, $2, $3) as i',
            r.sensor_type_id, _gap_intervals / r.expected_hz
        ),
        ' union all '
    )
    into _intervals
    from jsonb_to_recordset(_rates) as r (sensor_type_id integer, expected_hz double precision);
    if _intervals is null then
        return;
    end if;
    return query execute format(
        $query$
        with intervals as materialized (%s)
        select r.sensor_type_id, r.sensor, total.count, r.first_at, r.last_at,
            (total.count - 1) / nullif(span.seconds, 0) as achieved_hz, r.expected_hz, r.expected_from,
            expected.count as expected_count, total.count / expected.count::double precision as coverage,
            i.gap_count, i.max_gap_s, float8_stddev_samp(i.even) * 1000 as jitter_ms, r.outside_count,
            coalesce(t.count, 0) as numbers_as_text
        from jsonb_to_recordset($4) as r (
            sensor_type_id integer, sensor text, first_at timestamptz, last_at timestamptz,
            expected_hz double precision, expected_from text, outside_count bigint
        )
        join intervals as i on i.sensor_type_id = r.sensor_type_id
        left join analytics.text_numbers($1, $2, $3) as t on t.sensor_type_id = r.sensor_type_id
        cross join lateral (select 1 + i.even[1]::bigint + i.gap_count as count) as total
        cross join lateral (select date_part('epoch', r.last_at - r.first_at) as seconds) as span
        cross join lateral (select (round(span.seconds * r.expected_hz) + 1)::bigint as count) as expected
        order by r.sensor
        $query$,
        _intervals
    ) using _recording, _from, _to, _rates;
end
$$;

comment on function analytics.session_quality(bigint, timestamptz, timestamptz) is
'How complete and how even the readings of each sensor of a recording are: one row per sensor. count: number of '
'readings; first_at, last_at: times of the first and the last. achieved_hz: (count - 1) / seconds between them. '
'expected_hz, expected_from: see sensor_rates(). expected_count: number of readings in that time at that rate; '
'coverage: count / expected_count; 1 is complete, more means that the phone was faster. gap_count: number of pauses '
'longer than 3 expected intervals; max_gap_s: the longest pause between two readings, in seconds. jitter_ms: sample '
'standard deviation of the intervals that are not gaps. outside_count: number of readings before start_time or after '
'end_time of the session. numbers_as_text: number of values that were sent as text, such as "0.12", and are therefore '
'in no statistic. NULL: one reading has no interval, and without a rate nothing is expected. _from, _to: '
'only readings between these times.';
