-- Two statements, each planned with its values known: then only the chunks of the recording are read, in parallel.
create or replace function analytics.session_anomalies(
    _recording bigint, _sensitivity double precision default 3.0, _mode text default 'global',
    _window_s double precision default 60, _from timestamptz default null, _to timestamptz default null
)
returns table (
    sensor_type_id integer, sensor text, channel text, count bigint, mean double precision, std double precision,
    anomalies bigint, ratio double precision, timestamps timestamptz[], place integer
)
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    _metrics jsonb;
begin
    if (_sensitivity between 1e-6 and 1e6) is not true then
        raise exception '_sensitivity must be between 0.000001 and 1,000,000' using errcode = 'invalid_parameter_value';
    elsif (_mode in ('global', 'robust', 'rolling')) is not true then
        raise exception '_mode must be global, robust or rolling' using errcode = 'invalid_parameter_value';
    elsif _mode = 'rolling' and (_window_s between 1e-3 and 1e9) is not true then
        raise exception '_window_s must be between 0.001 and 1,000,000,000 seconds'
            using errcode = 'invalid_parameter_value';
    end if;
    select coalesce(_from, s.first_reading_at), coalesce(_to, s.last_reading_at) into _from, _to
    from analytics.sessions as s where s.recording_id = _recording;
    execute 'select jsonb_agg(to_jsonb(m)) from analytics.session_metrics($1, $2, $3, false) as m'
    into _metrics using _recording, _from, _to;
    return query execute format(
        $query$
        with outliers as materialized (
            select o.sensor_type_id, o.axis, count(*) as count,
                (array_agg(o.recorded_at order by o.recorded_at))[:1000] as timestamps
            from analytics.%I($1, $2, $3, %s $5, $6) as o
            group by o.sensor_type_id, o.axis
        )
        select m.sensor_type_id, m.sensor, m.axis as channel, m.count, m.mean, m.std,
            coalesce(o.count, 0) as anomalies, coalesce(o.count, 0) / m.count::double precision as ratio,
            coalesce(o.timestamps, '{}') as timestamps, m.place
        from jsonb_to_recordset($2) as m (
            sensor_type_id integer, sensor text, axis text, count bigint, mean double precision, std double precision,
            place integer, is_channel boolean
        )
        left join outliers as o on o.sensor_type_id = m.sensor_type_id and o.axis = m.axis
        where m.is_channel
        order by m.sensor, m.place, m.axis
        $query$,
        _mode || '_outliers', case when _mode = 'rolling' then '$4,' else '' end
    ) using _recording, _metrics, _sensitivity, _window_s, _from, _to;
end
$$;

comment on function analytics.session_anomalies(
    bigint, double precision, text, double precision, timestamptz, timestamptz
) is
'Which readings of a recording are unusual: one row per sensor and channel. Channels are the magnitude of sensors '
'with x, y, z, and every single value (pressure, speed, numeric keys of extra). A reading is an anomaly when abs(z) '
'> _sensitivity. _mode global: z = (value - mean) / std of the whole channel, std being the sample standard '
'deviation; robust: z = (value - median) / (1.4826 MAD), which outliers affect less; rolling: mean and std of the '
'_window_s seconds before the reading, at least 10 readings, which follows slow changes. Where the deviation is 0 '
'there are no anomalies. count: number of values; mean, std: of the whole channel in every mode. anomalies: number '
'of them; ratio: anomalies / count; timestamps: of the first 1,000.';
