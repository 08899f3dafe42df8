-- Seals a session, if it still is one of app.archivable_sessions: readings that came meanwhile have made it new.
-- Returns the readings deleted. One that is being written to just now is left for another time.
create or replace function app.archive_old_session(_id bigint, _cutoff timestamptz, _is_any boolean)
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
    perform from app.archivable_sessions(_cutoff, _is_any) as a where a.id = _id;
    if not found then
        return 0;
    end if;
    return (select sealed.readings from app.archive_readings(_id) as sealed);
end
$$;
