-- Ends a push: the log row and, if anything changed, change record, the session and, last, the owner's clock.
-- _counts: total_records, inserted, updated, duplicates, errors. _rejected: the first refused items.
-- A row of _types, _from, _to each sensor type in which readings changed. Returns the reply, kept for the push's id.
create or replace function app.finish_push(
    _recording_id bigint, _user_id bigint, _device_key bigint, _push_id text, _body_hash bytea,
    _is_changed boolean, _counts jsonb, _rejected jsonb, _sensors text[], _data_bytes bigint,
    _types integer[], _from timestamptz[], _to timestamptz[]
)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _inserted bigint := (_counts ->> 'inserted')::bigint;
    _updated bigint := (_counts ->> 'updated')::bigint;
    _duplicates bigint := (_counts ->> 'duplicates')::bigint;
    _errors bigint := (_counts ->> 'errors')::bigint;
    _total bigint := (_counts ->> 'total_records')::bigint;
    _session app.recording_sessions;
    _now record;
    _log_id bigint;
    _reply jsonb;
begin
    if _total <> _inserted + _updated + _duplicates + _errors then
        raise exception 'the counts of a push do not add up: %', _counts;
    end if;
    update app.devices as d set last_push_at = clock_timestamp() where d.id = _device_key;
    if _is_changed or _inserted + _updated > 0 then
        select * into _now from app.next_change(_user_id, _inserted);
        insert into app.reading_changes (recording_id, sensor_type_id, change_no, changed_at, from_at, to_at, device_key)
        select _recording_id, c.sensor_type_id, _now.change_no, _now.changed_at, c.from_at, c.to_at, _device_key
        from unnest(_types, _from, _to) as c (sensor_type_id, from_at, to_at);
        update app.recording_sessions as s
        set
            change_no = _now.change_no, updated_at = _now.changed_at, last_push_at = app.now(),
            data_count = s.data_count + _inserted,
            first_reading_at = least(s.first_reading_at, (select min(f) from unnest(_from) as f)),
            last_reading_at = greatest(s.last_reading_at, (select max(t) from unnest(_to) as t)),
            -- Closed by the system for want of readings: here they are.
            end_time = case when s.closed_by = 'system' and _inserted + _updated > 0 then null else s.end_time end,
            closed_by = case when s.closed_by = 'system' and _inserted + _updated > 0 then null else s.closed_by end
        where s.id = _recording_id;
    else
        select c.change_no, c.changed_at into _now from app.change_sequences as c where c.user_id = _user_id;
    end if;
    select * into _session from app.recording_sessions as s where s.id = _recording_id;
    insert into app.sync_logs (
        user_id, device_key, sync_type, status, total_records, inserted_count, updated_count, duplicate_count,
        error_count, sensor_types, data_bytes, server_timestamp
    ) values (
        _user_id, _device_key, 'push', 'success', _total, _inserted, _updated, _duplicates,
        _errors, _sensors, _data_bytes, _now.changed_at
    ) returning id into _log_id;

    _reply := jsonb_build_object(
        'message', 'Sync completed successfully', 'session_id', _session.session_id,
        'rejected', _rejected, 'sync_log_id', _log_id, 'session_data_count', _session.data_count,
        'server_timestamp', analytics.iso_time(_now.changed_at)
    ) || _counts;
    if _push_id is not null then
        insert into app.pushes (recording_id, push_id, body_hash, reply) values (_recording_id, _push_id, _body_hash, _reply);
    end if;
    return _reply;
end
$$;
