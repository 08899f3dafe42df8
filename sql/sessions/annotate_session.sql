-- Sets the notes of a session, a change that other devices pull. False: the session does not exist.
create or replace function app.annotate_session(_user_id bigint, _session_id text, _notes text)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _session app.recording_sessions;
    _now record;
begin
    select * into _session from app.recording_sessions
    where user_id = _user_id and session_id = _session_id and deleted_at is null
    for update;
    if not found then
        return false;
    end if;
    if _session.notes is distinct from _notes then
        select * into _now from app.next_change(_user_id, 0);
        update app.recording_sessions
        set notes = _notes, change_no = _now.change_no, updated_at = _now.changed_at
        where id = _session.id;
    end if;
    return true;
end
$$;
