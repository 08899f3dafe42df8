-- Begins a push: locks the session's row (made if it is new, by _device_key), so pushes to one session run one after
-- another.
-- _fields: the session's fields that were sent, and no others; they overwrite.
-- _replaces: pushes that the client abandoned. If one of them arrives later, it is refused, so that it cannot overwrite
-- what is newer; one that was applied before stays applied.
-- replay: the reply that this _push_id got before. has_overlap: readings may have been written before in the batch's
-- times, given per sensor type as _types, _from, _to. archived: the ranges of days in these times that take no readings
-- any more, {sensor_type_id, from_us, until_us} each, epoch microseconds; NULL: none.
create or replace function app.open_push(
    _user_id bigint, _device_key bigint, _session_id text, _fields jsonb, _push_id text, _body_hash bytea,
    _replaces text[], _types integer[], _from timestamptz[], _to timestamptz[]
)
returns table (
    recording_id bigint, is_changed boolean, has_overlap boolean, reading_count bigint, archived jsonb, replay jsonb
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _old app.recording_sessions;
    _new app.recording_sessions;
    _push app.pushes;
begin
    select * into _old from app.recording_sessions as s
    where s.user_id = _user_id and s.session_id = _session_id for update;
    if not found then
        insert into app.recording_sessions (user_id, session_id, device_key)
        values (_user_id, _session_id, _device_key)
        on conflict do nothing;
        select * into _old from app.recording_sessions as s
        where s.user_id = _user_id and s.session_id = _session_id for update;
    end if;
    if _old.deleted_at is not null then
        raise exception 'this session was deleted' using errcode = 'KX410';
    end if;
    select * into _push from app.pushes as p where p.recording_id = _old.id and p.push_id = _push_id;
    if found and _push.body_hash <> _body_hash then
        raise exception 'push_id was used for another body' using errcode = 'KX422';
    elsif found then
        return query select _old.id, false, false, 0::bigint, null::jsonb, _push.reply;
        return;
    end if;
    perform from app.replaced_pushes as r where r.recording_id = _old.id and r.push_id = _push_id;
    if found then
        raise exception 'another push replaces this one' using errcode = 'KX409';
    end if;
    insert into app.replaced_pushes (recording_id, push_id)
    select _old.id, replaced.push_id from unnest(_replaces) as replaced (push_id)
    on conflict do nothing;

    _new := jsonb_populate_record(_old, _fields);
    if _fields ? 'end_time' and not _fields ? 'is_uploaded' then
        _new.is_uploaded := _new.end_time is not null;
    end if;
    if _new.end_time is distinct from _old.end_time then
        _new.closed_by_server_at := null;
    end if;
    -- What an app never sent must not keep it from correcting the start.
    if _old.closed_by_server_at is not null and not _fields ? 'end_time' then
        _new.end_time := greatest(_new.end_time, _new.start_time);
    elsif _new.end_time < _new.start_time
        and (_new.start_time, _new.end_time) is distinct from (_old.start_time, _old.end_time) then
        raise exception 'the session ends before it starts' using errcode = 'KX423';
    end if;
    if _new is distinct from _old then
        update app.recording_sessions as s
        set
            start_time = _new.start_time, end_time = _new.end_time, enabled_sensors = _new.enabled_sensors,
            units = _new.units, device = _new.device, sample_rate = _new.sample_rate, notes = _new.notes,
            is_uploaded = _new.is_uploaded, closed_by_server_at = _new.closed_by_server_at
        where s.id = _old.id;
    end if;
    return query
    select
        _old.id,
        _new is distinct from _old or _old.change_no = 0,
        exists (
            select from unnest(_types, _from, _to) as batch (sensor_type_id, from_at, to_at)
            join app.reading_changes as c
                on c.recording_id = _old.id and c.sensor_type_id = batch.sensor_type_id
                and c.to_at >= batch.from_at and c.from_at <= batch.to_at
        ),
        c.reading_count,
        (
            select jsonb_agg(jsonb_build_object(
                'sensor_type_id', p.sensor_type_id,
                'from_us', extract(epoch from p.from_at)::bigint * 1000000,
                'until_us', extract(epoch from p.until_at)::bigint * 1000000
            ))
            from unnest(_types, _from, _to) as batch (sensor_type_id, from_at, to_at)
            join app.archived_ranges as p
                on p.recording_id = _old.id and p.sensor_type_id = batch.sensor_type_id
                and p.until_at > batch.from_at and p.from_at <= batch.to_at
        ),
        null::jsonb
    from app.change_sequences as c where c.user_id = _user_id;
end
$$;
