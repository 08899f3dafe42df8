-- Statements are planned with the times known: then only the chunks of the recording are read, in parallel.
create or replace function analytics.metrics_report(_recording bigint)
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
    _quality jsonb;
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
    return jsonb_build_object(
        'session_id', _s.session_id, 'record_count', _s.record_count,
        'sensors', analytics.sensors_json(_metrics, _quality)
    ) || jsonb_strip_nulls(jsonb_build_object(
        'archived_count', nullif(_s.archived_count, 0), 'archived_at', analytics.iso_time(_s.archived_at)
    )) || case
        when _s.archived_count > 0
            then jsonb_build_object('archived_axes', analytics.archived_axes(_recording))
        else '{}'
    end;
end
$$;

comment on function analytics.metrics_report(bigint) is
'Returns session_metrics() and session_quality() of a recording as one JSON document, the result of '
'calculate_session_metrics: session_id (the client''s), record_count, sensors by name, each with count, axes and '
'quality. archived_count, archived_at and archived_axes are present when readings were archived: record_count '
'includes them, archived_axes is what they measured, by sensor and axis; sensors is of the stored readings. NULL: '
'there is no such session.';
