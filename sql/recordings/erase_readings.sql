-- Erases at most _limit readings of one deleted session, and with the last what was archived of it. Returns whether
-- that was all of the session; NULL: no session is left that nobody else is erasing.
create or replace function app.erase_readings(_limit integer)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
-- Planned for the times at hand: a generic plan opens every chunk.
set plan_cache_mode = force_custom_plan
as $$
declare
    _session app.recording_sessions;
    _from timestamptz;
    _until timestamptz;
    _found bigint;
    _count bigint := 0;
    _is_last boolean;
begin
    select * into _session from app.recording_sessions
    where deleted_at is not null and erased_at is null
    order by id limit 1 for update skip locked;
    if not found then
        return null;
    end if;
    perform app.lift_decompression_limit();
    -- One statement that deletes: to plan one takes as long as there are chunks. So as many spans of four weeks as have
    -- at most _limit readings, or a part of one. A reading of a part is looked up again in all chunks of its span.
    _from := _session.first_reading_at;
    _until := _from;
    while _until <= _session.last_reading_at and _count <= _limit loop
        select count(*) into _found
        from (
            select from app.sensor_data as d
            where d.recording_id = _session.id::integer
                and d.recorded_at >= _until and d.recorded_at < _until + interval '28 days'
            limit _limit - _count + 1
        ) as counted;
        exit when _count + _found > _limit and _until > _from;
        _count := _count + _found;
        _until := _until + interval '28 days';
    end loop;
    if _count <= _limit then
        delete from app.sensor_data as d
        where d.recording_id = _session.id::integer and d.recorded_at >= _from and d.recorded_at < _until;
        _from := _until;
    else
        with doomed as (
            select sensor_type_id, recorded_at from app.sensor_data
            where recording_id = _session.id::integer and recorded_at >= _from and recorded_at < _until
            limit _limit
        )
        delete from app.sensor_data as d using doomed
        where d.recording_id = _session.id::integer and d.sensor_type_id = doomed.sensor_type_id
            and d.recorded_at = doomed.recorded_at and d.recorded_at >= _from and d.recorded_at < _until;
    end if;
    _is_last := (_from <= _session.last_reading_at) is not true;
    if _is_last then
        delete from app.stored_partials where recording_id = _session.id::integer;
        delete from app.archived_rollups where recording_id = _session.id;
        delete from app.archived_extra_rollups where recording_id = _session.id;
        delete from app.archived_sketches where recording_id = _session.id;
        delete from app.archived_epochs where recording_id = _session.id;
        delete from app.archived_counters where recording_id = _session.id;
        delete from app.archived_labels where recording_id = _session.id;
        delete from app.archived_distance where recording_id = _session.id;
        delete from app.archived_ranges where recording_id = _session.id;
        update app.recording_sessions
        set erased_at = clock_timestamp(), first_reading_at = null, last_reading_at = null, stored_hours = '{}'
        where id = _session.id;
    else
        update app.recording_sessions set first_reading_at = _from where id = _session.id;
    end if;
    return _is_last;
end
$$;
