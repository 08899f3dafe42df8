-- Two scans and a walk along the primary key: the moments of the columns, whose means and deviations the anomalies
-- need; the intervals; then the anomalies. The first scan also shows what need not be looked for. Each statement is
-- planned with its values known: then only the chunks of the recording are read, in parallel.
create or replace function analytics.session_analysis(
    _recording bigint, _sensitivity double precision default 3.0, _accuracy_max_m double precision default 20
)
returns jsonb
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    _s analytics.sessions;
    _columns jsonb;
    _metrics jsonb;
    -- Of each sensor the first channel.
    _channels jsonb;
    _quality jsonb;
    _computed jsonb;
begin
    select * into _s from analytics.sessions as s where s.recording_id = _recording;
    if not found then
        return null;
    end if;
    execute 'select jsonb_agg(to_jsonb(c)) from analytics.column_moments($1, $2, $3) as c'
    into _columns using _recording, _s.first_reading_at, _s.last_reading_at;
    execute 'select jsonb_agg(to_jsonb(m)) from analytics.session_metrics($1, $2, $3, false, $4) as m'
    into _metrics using _recording, _s.first_reading_at, _s.last_reading_at, _columns;
    select jsonb_agg(to_jsonb(q)) into _quality
    from analytics.session_quality(_recording, _has_extra => _columns @? '$[*] ? (@.with_extra > 0)') as q;
    select jsonb_agg(c.json) into _channels
    from (
        select distinct on (m.value ->> 'sensor') m.value as json
        from jsonb_array_elements(_metrics) as m
        where (m.value -> 'is_channel')::boolean
        order by m.value ->> 'sensor', (m.value -> 'place')::integer, m.value ->> 'axis'
    ) as c;
    execute $query$
        with outliers as materialized (
            select o.sensor_type_id, o.axis, count(*) as count
            from analytics.global_outliers($1, $4, $5, $2, $3) as o
            group by o.sensor_type_id, o.axis
        ),
        anomalies as (
            select c.sensor, coalesce(o.count, 0) as count, coalesce(o.count, 0) / c.count::double precision as ratio
            from jsonb_to_recordset($4) as c (sensor_type_id integer, sensor text, axis text, count bigint)
            left join outliers as o on o.sensor_type_id = c.sensor_type_id and o.axis = c.axis
        ),
        distance as (
            select
                d.sensor, d.raw_m, d.gated_m, d.moving_m, d.unjoined_s, $6 as accuracy_max_m, d.fixes, d.fixes_used
            from analytics.session_distance($1, $6) as d
            where d.is_counted and $7
        )
        select jsonb_build_object(
            'distance', (select to_jsonb(d) from distance as d),
            'anomalies', coalesce(
                (select jsonb_object_agg(a.sensor, to_jsonb(a) - 'sensor') from anomalies as a), '{}'
            )
        )
    $query$ into _computed
    using _recording, _s.first_reading_at, _s.last_reading_at, _channels, _sensitivity, _accuracy_max_m,
        _s.archived_count > 0 or _columns @? '$[*] ? (@.with_position > 0)';
    return jsonb_build_object(
        'session_id', _s.session_id, 'duration_s', _s.duration_s, 'record_count', _s.record_count,
        'complete_as_of', analytics.iso_time(_s.updated_at), 'sensitivity', _sensitivity,
        'sensors', analytics.sensors_json(_metrics, _quality)
    ) || _computed || jsonb_strip_nulls(jsonb_build_object(
        'archived_count', nullif(_s.archived_count, 0), 'archived_at', analytics.iso_time(_s.archived_at)
    )) || case
        when _s.archived_count > 0
            then jsonb_build_object('archived_axes', analytics.archived_axes(_recording))
        else '{}'
    end;
end
$$;

comment on function analytics.session_analysis(bigint, double precision, double precision) is
'Returns everything about a recording as one JSON document, the result of analyze_sensor_data: session_id (the '
'client''s), duration_s, record_count, complete_as_of (the last change that is included), sensors by name with '
'count, axes (session_metrics()) and quality (session_quality()), distance (session_distance() of the sensor '
'that is counted; null without any), anomalies by sensor: count and ratio of session_anomalies() on its first channel. '
'archived_count, archived_at and archived_axes are present when readings were archived: record_count and distance '
'include them, archived_axes is what they measured, by sensor and axis as in sensors; everything else is of the stored '
'readings. NULL: there is no such session.';
