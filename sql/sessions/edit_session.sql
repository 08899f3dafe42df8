-- Overwrites the fields of a session that are set by API, notes and labels, a change that other devices pull. _fields:
-- those that are to change, and no others. False: the session does not exist.
create or replace function app.edit_session(_user_id bigint, _session_id text, _fields jsonb)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _old app.recording_sessions;
    _new app.recording_sessions;
    _now record;
begin
    select * into _old from app.recording_sessions
    where user_id = _user_id and session_id = _session_id and deleted_at is null
    for update;
    if not found then
        return false;
    end if;
    _new := jsonb_populate_record(_old, _fields);
    if (_new.notes, _new.labels) is distinct from (_old.notes, _old.labels) then
        select * into _now from app.next_change(_user_id, 0);
        update app.recording_sessions
        set notes = _new.notes, labels = _new.labels, change_no = _now.change_no, updated_at = _now.changed_at
        where id = _old.id;
    end if;
    return true;
end
$$;
