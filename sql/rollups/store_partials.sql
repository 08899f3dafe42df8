-- Computes and stores the partials of the first hours of a session that are not stored yet, about a million readings or
-- four weeks at a time. Returns whether hours may be left. False also if it gave way: to another call, or to a push,
-- archiving or deletion of the same hours.
-- Pushes are not held up: the session is locked only after its readings were read. The lock is a statement of its own,
-- so that it sees what was committed in the meantime, which the readings may lack; hours with such changes are left to
-- another run. Change numbers rise in the order of commits.
create or replace function app.store_partials(_recording_id bigint)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
-- Planned for the times at hand: a generic plan opens every chunk.
set plan_cache_mode = force_custom_plan
as $$
declare
    _before app.recording_sessions;
    _after app.recording_sessions;
    _gap tstzrange;
    _seconds double precision;
    -- Hours.
    _width integer;
    _from timestamptz;
    _until timestamptz;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('koodtx partials of ' || _recording_id, 0)) then
        return false;
    end if;
    select * into _before from app.recording_sessions as s where s.id = _recording_id;
    select g.span into _gap from unnest(app.hours_to_store(_before)) as g (span) order by g.span limit 1;
    if not found then
        return false;
    end if;
    _seconds := date_part('epoch', _before.last_reading_at - _before.first_reading_at);
    _width := greatest(1, least(28 * 24, _seconds / 3600 * 1e6 / _before.data_count));
    _from := lower(_gap);
    -- Where there are more readings than elsewhere in the session.
    while _width > 1 and exists (
        select from app.sensor_data as d
        where d.recording_id = _recording_id::integer
            and d.recorded_at >= _from and d.recorded_at < _from + make_interval(hours => _width)
        offset 2000000
    ) loop
        _width := greatest(1, _width / 4);
    end loop;
    _until := least(upper(_gap), _from + make_interval(hours => _width));
    insert into app.stored_partials
    select p.* from app.partials_between(_recording_id, _from, _until, array[1, 60]) as p;

    select * into _after from app.recording_sessions as s where s.id = _recording_id for update;
    if _after.deleted_at is not null or _after.archived_count <> _before.archived_count or exists (
        select from app.reading_changes as c
        where c.recording_id = _recording_id and c.change_no > _before.change_no
            and c.to_at >= _from and c.from_at < _until
    ) then
        delete from app.stored_partials as p
        where p.recording_id = _recording_id::integer and p.bucket >= _from and p.bucket < _until;
        return false;
    end if;
    update app.recording_sessions as s
    set stored_hours = s.stored_hours + tstzmultirange(tstzrange(_from, _until))
    where s.id = _recording_id;
    return true;
end
$$;
