-- What the user has stored, as one JSON document: sessions, readings, devices, the last sync logs.
create or replace function app.sync_status(_user_id bigint, _logs integer default 20)
returns jsonb
language sql
stable
begin atomic
    select jsonb_build_object(
        'sessions', (
            select count(*) from app.recording_sessions as s where s.user_id = _user_id and s.deleted_at is null
        ),
        'active_sessions', (
            select count(*) from app.recording_sessions as s
            where s.user_id = _user_id and s.deleted_at is null and s.end_time is null
        ),
        'readings', c.reading_count,
        'server_timestamp', analytics.iso_time(c.changed_at),
        'devices', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'device_id', d.device_id,
                'last_push_at', analytics.iso_time(d.last_push_at),
                'last_pull_at', analytics.iso_time(d.last_pull_at)
            ) order by d.id), '[]')
            from app.devices as d where d.user_id = _user_id and d.revoked_at is null
        ),
        'recent_logs', (
            select coalesce(jsonb_agg(to_jsonb(log) order by log.created_at desc, log.id desc), '[]') from (
                select
                    l.id, l.sync_type, l.status, l.total_records, l.inserted_count, l.updated_count,
                    l.duplicate_count, l.error_count, l.sensor_types, l.data_bytes, l.error, l.clock_offset_ms,
                    analytics.iso_time(l.server_timestamp) as server_timestamp,
                    analytics.iso_time(l.created_at) as created_at
                from app.sync_logs as l
                where l.user_id = _user_id
                order by l.created_at desc, l.id desc
                limit _logs
            ) as log
        )
    )
    from app.change_sequences as c where c.user_id = _user_id;
end;
