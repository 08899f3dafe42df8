-- Deletes a session: hides it at once and clears its personal fields; its readings are erased afterwards. Its shares
-- and those of its jobs end.
-- The row stays with its session_id as a tombstone, which other devices pull. False: the session does not exist.
create or replace function app.delete_session(_user_id bigint, _session_id text)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _session app.recording_sessions;
    _now record;
begin
    select * into _session from app.recording_sessions
    where user_id = _user_id and session_id = _session_id
    for update;
    if not found or _session.deleted_at is not null then
        return found;
    end if;
    -- Before anything else that may end them: all who learn of it are locked in one order.
    perform app.end_shares(
        array(
            select h.share_id from app.shares as h
            where h.ended_at is null and (
                h.recording_id = _session.id
                or h.job_id in (
                    select j.id from app.jobs as j where j.user_id = _user_id and j.recording_id = _session.id
                )
            )
        ),
        array[_user_id]
    );
    delete from app.reading_changes where recording_id = _session.id;
    delete from app.pushes where recording_id = _session.id;
    delete from app.replaced_pushes where recording_id = _session.id;
    -- What was computed of it. An attempt that runs finds that it no longer counts.
    delete from app.jobs where user_id = _user_id and recording_id = _session.id;
    select * into _now from app.next_change(_user_id, _session.archived_count - _session.data_count);
    update app.recording_sessions
    set
        deleted_at = clock_timestamp(), change_no = _now.change_no, updated_at = _now.changed_at,
        start_time = null, end_time = null, enabled_sensors = null, sample_rate = null, notes = null, data_count = 0,
        clock_offset_ms = null, units = null, device_key = null, device = null, labels = null,
        archived_at = null, archived_count = 0
    where id = _session.id;
    return true;
end
$$;
