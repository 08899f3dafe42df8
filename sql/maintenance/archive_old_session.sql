-- Archives a session if it is still one of app.idle_sessions(); returns the number of readings deleted. Whether it is
-- complete need not be checked again: only a push changes that, after which the session is no longer idle. A session
-- that is being written to is left for another time.
create or replace function app.archive_old_session(_id bigint, _cutoff timestamptz)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform from app.recording_sessions as s where s.id = _id for update skip locked;
    if not found then
        return 0;
    end if;
    -- A statement of its own, which sees what was committed before the lock.
    perform from app.idle_sessions(_cutoff) as i where i.id = _id;
    if not found then
        return 0;
    end if;
    return (select archived.readings from app.archive_readings(_id) as archived);
end
$$;
