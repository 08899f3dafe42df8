-- Erases at most _limit readings of one deleted session, and with the last what was archived of it. Returns whether
-- that was all of the session; NULL: no session is left that nobody else is erasing.
create or replace function app.erase_readings(_limit integer)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _session app.recording_sessions;
    _erased bigint;
begin
    select * into _session from app.recording_sessions
    where deleted_at is not null and erased_at is null
    order by id limit 1 for update skip locked;
    if not found then
        return null;
    end if;
    perform app.lift_decompression_limit();
    -- The range of times lets TimescaleDB leave all other chunks alone.
    with doomed as (
        select sensor_type_id, recorded_at from app.sensor_data
        where recording_id = _session.id::integer
            and recorded_at between _session.first_reading_at and _session.last_reading_at
        limit _limit
    )
    delete from app.sensor_data as d using doomed
    where d.recording_id = _session.id::integer and d.sensor_type_id = doomed.sensor_type_id
        and d.recorded_at = doomed.recorded_at
        and d.recorded_at between _session.first_reading_at and _session.last_reading_at;
    get diagnostics _erased = row_count;
    if _erased < _limit then
        delete from app.archived_rollups where recording_id = _session.id;
        delete from app.archived_distance where recording_id = _session.id;
        delete from app.archived_ranges where recording_id = _session.id;
        update app.recording_sessions
        set erased_at = clock_timestamp(), first_reading_at = null, last_reading_at = null
        where id = _session.id;
    end if;
    return _erased < _limit;
end
$$;
