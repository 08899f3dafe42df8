-- Returns the sync epoch; starts a new one if this is not the database that the stored one belongs to:
-- another system (a copy of another cluster), timeline (promotion, point-in-time restore) or oid (restored dump).
-- _force: after a copy that leaves all three alike (file system).
create or replace function app.renew_sync_epoch(_force boolean default false)
returns table (id uuid, created_at timestamptz, is_new boolean)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _fingerprint text;
    _now timestamptz := date_trunc('milliseconds', clock_timestamp());
begin
    select concat_ws('/', s.system_identifier, c.timeline_id, d.oid)
    into _fingerprint
    from pg_control_system() as s, pg_control_checkpoint() as c, pg_database as d
    where d.datname = current_database();

    return query
    select g.id, g.created_at, false from app.sync_epoch as g where g.fingerprint = _fingerprint and not _force;
    if found then
        return;
    end if;

    return query
    insert into app.sync_epoch as g (id, fingerprint, created_at)
    values (gen_random_uuid(), _fingerprint, _now)
    on conflict (is_only) do update
    set id = excluded.id, fingerprint = excluded.fingerprint, created_at = excluded.created_at
    where g.fingerprint <> excluded.fingerprint or _force
    returning g.id, g.created_at, true;
    if not found then  -- another process renewed it while we waited
        return query select g.id, g.created_at, false from app.sync_epoch as g;
        return;
    end if;
    -- A time that a pull hands out must not lie before the generation: the next pull would send everything again.
    update app.change_sequences as c set changed_at = _now where c.changed_at < _now;
end
$$;
