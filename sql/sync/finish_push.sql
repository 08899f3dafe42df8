-- Ends a push: the log row and, if anything changed, the change record, the session and, last, the change sequence.
-- _push: push_id, body_hash (hexadecimal), is_changed (whether the session's fields are), sensor_types, data_bytes,
-- used: the sensor types under which readings were written, {id, name, value_key} each.
-- _reply: what is answered, counts among it; the session's count, the log's number and the time are added here. Stored
-- whole for the push_id, so that a repeated push gets the same. A row of _types, _from, _to per sensor type in which
-- readings changed.
create or replace function app.finish_push(
    _recording_id bigint, _device_key bigint, _push jsonb, _reply jsonb,
    _types integer[], _from timestamptz[], _to timestamptz[]
)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _counts record;
    _session app.recording_sessions;
    _now record;
    _hours tstzmultirange;
    _log_id bigint;
begin
    select * into _counts
    from jsonb_to_record(_reply) as c (
        total_records bigint, inserted bigint, updated bigint, duplicates bigint, errors bigint
    );
    if _counts.total_records <> _counts.inserted + _counts.updated + _counts.duplicates + _counts.errors then
        raise exception 'the counts of a push do not add up: %', _counts;
    end if;
    update app.devices as d set last_push_at = clock_timestamp() where d.id = _device_key;
    -- For analysts: no change that other devices would pull.
    update app.recording_sessions as s
    set clock_offset_ms = (_reply ->> 'clock_offset_ms')::bigint
    where s.id = _recording_id and s.clock_offset_ms is distinct from (_reply ->> 'clock_offset_ms')::bigint
        and _reply ? 'clock_offset_ms';
    -- The caller has it locked.
    select * into _session from app.recording_sessions as s where s.id = _recording_id;
    if (_push ->> 'is_changed')::boolean or _counts.inserted + _counts.updated > 0 then
        select * into _now from app.next_change(_session.user_id, _counts.inserted);
        perform app.check_sensor_types(_session.user_id, _push -> 'used');
        insert into app.reading_changes (recording_id, sensor_type_id, change_no, changed_at, from_at, to_at, device_key)
        select _recording_id, c.sensor_type_id, _now.change_no, _now.changed_at, c.from_at, c.to_at, _device_key
        from unnest(_types, _from, _to) as c (sensor_type_id, from_at, to_at);
        -- Their stored partials are no longer those of the readings.
        _hours := app.hours_around(_from, _to);
        if _session.stored_hours && _hours then
            perform app.remove_stored_partials(_recording_id, _session.stored_hours * _hours);
        end if;
        update app.recording_sessions as s
        set
            change_no = _now.change_no, updated_at = _now.changed_at, last_push_at = app.now(),
            stored_hours = s.stored_hours - _hours,
            data_count = s.data_count + _counts.inserted,
            first_reading_at = least(s.first_reading_at, (select min(f) from unnest(_from) as f)),
            last_reading_at = greatest(s.last_reading_at, (select max(t) from unnest(_to) as t)),
            -- Closed by the server for want of readings: here they are.
            end_time = case when s.closed_by_server_at is null or cardinality(_types) = 0 then s.end_time end,
            closed_by_server_at = case when cardinality(_types) = 0 then s.closed_by_server_at end
        where s.id = _recording_id
        returning s.* into _session;
    else
        select c.change_no, c.changed_at into _now
        from app.change_sequences as c where c.user_id = _session.user_id;
    end if;
    insert into app.sync_logs (
        user_id, device_key, sync_type, status, total_records, inserted_count, updated_count, duplicate_count,
        error_count, sensor_types, data_bytes, clock_offset_ms, server_timestamp
    ) values (
        _session.user_id, _device_key, 'push', 'success', _counts.total_records, _counts.inserted, _counts.updated,
        _counts.duplicates, _counts.errors, array(select jsonb_array_elements_text(_push -> 'sensor_types')),
        (_push ->> 'data_bytes')::bigint, (_reply ->> 'clock_offset_ms')::bigint, _now.changed_at
    ) returning id into _log_id;

    _reply := _reply || jsonb_build_object(
        'sync_log_id', _log_id, 'session_data_count', _session.data_count,
        'server_timestamp', analytics.iso_time(_now.changed_at)
    );
    insert into app.pushes (recording_id, push_id, body_hash, reply)
    select _recording_id, _push ->> 'push_id', decode(_push ->> 'body_hash', 'hex'), _reply
    where _push ->> 'push_id' is not null;
    return _reply;
end
$$;
