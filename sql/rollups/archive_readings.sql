-- Seals a session: what its readings add up to is kept for ever, the readings go. One transaction, the session's row
-- first, the owner's clock last. Whole UTC days are sealed: a push refuses what lies in one of them, so that no bucket
-- is ever made of both. Later readings of other days are sealed by another call.
-- readings: deleted; rollups: rows written instead. Both 0: there is no such session, or it has no readings.
create or replace function app.archive_readings(_recording_id bigint)
returns table (readings bigint, rollups bigint)
language plpgsql
set search_path = pg_catalog, pg_temp
-- Planned for the times at hand: a generic plan opens every chunk.
set plan_cache_mode = force_custom_plan
as $$
declare
    _session app.recording_sessions;
    _now record;
begin
    perform app.lift_decompression_limit();
    select * into _session from app.recording_sessions as s
    where s.id = _recording_id and s.deleted_at is null for update;
    insert into app.archived_rollups
    select p.*
    from unnest(array[1, 60, 1440]) as level (minutes)
    cross join lateral app.session_partials(
        _session.id, level.minutes, _session.first_reading_at, _session.last_reading_at
    ) as p;
    get diagnostics rollups = row_count;
    readings := 0;
    if rollups = 0 then
        return next;
        return;
    end if;
    perform app.archive_days(_session.id);
    delete from app.sensor_data as d
    where d.recording_id = _session.id
        and d.recorded_at between _session.first_reading_at and _session.last_reading_at;
    get diagnostics readings = row_count;
    if readings + _session.archived_count <> (
        select sum(r.count) from app.archived_rollups as r where r.recording_id = _session.id and r.bucket_minutes = 1440
    ) then
        raise exception 'session %: % readings deleted, others rolled up', _session.id, readings;
    end if;
    -- What is stored counts towards the owner's quota, and is less now.
    select * into _now from app.next_change(_session.user_id, -readings);
    update app.recording_sessions as s
    set
        archived_at = clock_timestamp(), archived_count = s.archived_count + readings,
        change_no = _now.change_no, updated_at = _now.changed_at
    where s.id = _session.id;
    return next;
end
$$;
