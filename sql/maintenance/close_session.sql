-- Ends an abandoned session at its last reading and notes when. It does not count as uploaded; other devices receive
-- the change. A later push of readings reopens it. False: it is not abandoned, or is being written to.
create or replace function app.close_session(_id bigint, _cutoff timestamptz)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _session app.recording_sessions;
    _now record;
begin
    select * into _session from app.recording_sessions as s where s.id = _id for update skip locked;
    if not found then
        return false;
    end if;
    perform from app.abandoned_sessions(_cutoff) as a where a.id = _id;
    if not found then
        return false;
    end if;
    select * into _now from app.next_change(_session.user_id, 0);
    update app.recording_sessions as s
    set
        -- Readings may lie outside a session, but it must not end before it starts.
        end_time = greatest(s.start_time, coalesce(s.last_reading_at, s.start_time, s.created_at)),
        closed_by_server_at = clock_timestamp(), change_no = _now.change_no, updated_at = _now.changed_at
    where s.id = _id;
    return true;
end
$$;
