-- Archives the readings of a recording: their rollups are kept permanently, the readings are deleted. One transaction;
-- the session's row is locked first, the change sequence last. Whole UTC days are archived: pushes are refused readings
-- within them, so that no bucket is ever made of both sides. Readings of other days that come later need another call.
-- readings: deleted; rollups: rows written instead. Both 0: there is no such session, or it has no stored readings.
create or replace function app.archive_readings(_recording_id bigint)
returns table (readings bigint, rollups bigint)
language plpgsql
set search_path = pg_catalog, pg_temp
-- Planned for the times at hand: a generic plan opens every chunk.
set plan_cache_mode = force_custom_plan
as $$
declare
    _session app.recording_sessions;
    _change record;
    _rolled_up bigint;
begin
    perform app.lift_decompression_limit();
    select * into _session from app.recording_sessions as s where s.id = _recording_id and s.deleted_at is null for update;
    rollups := app.archive_rollups(_session.id, _session.first_reading_at, _session.last_reading_at);
    readings := 0;
    if rollups = 0 then
        return next;
        return;
    end if;
    perform app.archive_extra_rollups(_session.id, _session.first_reading_at, _session.last_reading_at);
    perform app.archive_sketches(_session.id, _session.first_reading_at, _session.last_reading_at);
    perform app.archive_epochs(_session.id, _session.first_reading_at, _session.last_reading_at);
    perform app.archive_counters(_session.id, _session.first_reading_at, _session.last_reading_at);
    perform app.archive_labels(_session.id);
    perform app.archive_distance(_session.id);
    perform app.archive_days(_session.id);
    delete from app.sensor_data as d
    where d.recording_id = _session.id::integer
        and d.recorded_at between _session.first_reading_at and _session.last_reading_at;
    get diagnostics readings = row_count;
    -- What was stored of them was rolled up again. Without readings there is nothing to compute in these hours.
    delete from app.stored_partials as p where p.recording_id = _session.id::integer;
    select sum(r.count) - _session.archived_count into _rolled_up
    from app.archived_rollups as r where r.recording_id = _session.id and r.bucket_minutes = 1440;
    if readings <> _rolled_up then
        raise exception 'recording %: % readings deleted, but % rolled up', _session.id, readings, _rolled_up;
    end if;
    -- The user's quota counts stored readings.
    select * into _change from app.next_change(_session.user_id, -readings);
    update app.recording_sessions as s
    set
        archived_at = clock_timestamp(), archived_count = s.archived_count + readings,
        stored_hours = app.hours_around(array[s.first_reading_at], array[s.last_reading_at]),
        change_no = _change.change_no, updated_at = _change.changed_at
    where s.id = _session.id;
    return next;
end
$$;
