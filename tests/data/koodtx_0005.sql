-- A database of KooDTX as of migration 0005, on plain PostgreSQL, with the rows of one user: two sessions and a
-- deleted one. Made by pg_dump --inserts --no-owner; what only psql or only PostgreSQL 17 understands is left out.

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE SCHEMA analytics;

CREATE SCHEMA app;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE app.devices (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    device_id text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_push_at timestamp with time zone,
    last_pull_at timestamp with time zone,
    revoked_at timestamp with time zone
);

CREATE TABLE app.token_families (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id bigint NOT NULL,
    device_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone
);

CREATE TABLE app.users (
    id bigint NOT NULL,
    username text NOT NULL,
    email text NOT NULL,
    name text,
    password_hash text,
    role text DEFAULT 'user'::text NOT NULL,
    timezone text NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT users_role_check CHECK ((role = ANY (ARRAY['user'::text, 'admin'::text])))
);

CREATE FUNCTION app.active_login(_family_id uuid) RETURNS TABLE(user_id bigint, role text, device_id bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT u.id,
     u.role,
     d.id
    FROM ((app.token_families f
      JOIN app.users u ON ((u.id = f.user_id)))
      JOIN app.devices d ON ((d.id = f.device_id)))
   WHERE ((f.id = active_login._family_id) AND (f.revoked_at IS NULL) AND (d.revoked_at IS NULL) AND u.is_active);
END;

CREATE TABLE app.owner_clock (
    user_id bigint NOT NULL,
    change_no bigint DEFAULT 0 NOT NULL,
    changed_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) NOT NULL,
    reading_count bigint DEFAULT 0 NOT NULL
);

CREATE FUNCTION app.advance_clock(_user_id bigint, _readings bigint) RETURNS TABLE(change_no bigint, changed_at timestamp with time zone)
    LANGUAGE sql
    BEGIN ATOMIC
 UPDATE app.owner_clock SET change_no = (owner_clock.change_no + 1), changed_at = GREATEST(date_trunc('milliseconds'::text, clock_timestamp()), (owner_clock.changed_at + '00:00:00.001'::interval)), reading_count = (owner_clock.reading_count + advance_clock._readings)
   WHERE (owner_clock.user_id = advance_clock._user_id)
   RETURNING owner_clock.change_no,
     owner_clock.changed_at;
END;

CREATE FUNCTION app.annotate_session(_user_id bigint, _session_id text, _notes text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
        select * into _now from app.advance_clock(_user_id, 0);
        update app.recording_sessions
        set notes = _notes, change_no = _now.change_no, updated_at = _now.changed_at
        where id = _session.id;
    end if;
    return true;
end
$$;

CREATE TABLE app.session_changes (
    session_id bigint NOT NULL,
    sensor_type_id integer NOT NULL,
    change_no bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    from_at timestamp with time zone NOT NULL,
    to_at timestamp with time zone NOT NULL,
    device_id bigint
);

CREATE FUNCTION app.changed_ranges(_session_id bigint, _base bigint, _since timestamp with time zone, _without bigint) RETURNS TABLE(sensor_type_id integer, from_at timestamp with time zone, to_at timestamp with time zone)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 WITH changes AS (
          SELECT c.sensor_type_id,
             c.from_at,
             c.to_at,
             ((c.change_no > changed_ranges._base) AND (c.changed_at > changed_ranges._since) AND (c.device_id IS DISTINCT FROM changed_ranges._without)) AS is_wanted
            FROM app.session_changes c
           WHERE (c.session_id = changed_ranges._session_id)
         ), spans AS (
          SELECT changes.sensor_type_id,
                 CASE
                     WHEN every(changes.is_wanted) THEN tstzmultirange(tstzrange(min(changes.from_at), max(changes.to_at), '[]'::text))
                     ELSE range_agg(tstzrange(changes.from_at, changes.to_at, '[]'::text)) FILTER (WHERE changes.is_wanted)
                 END AS ranges
            FROM changes
           GROUP BY changes.sensor_type_id
         )
  SELECT spans.sensor_type_id,
     lower(span.span) AS lower,
     upper(span.span) AS upper
    FROM spans,
     LATERAL unnest(spans.ranges) span(span)
   ORDER BY spans.sensor_type_id, (lower(span.span));
END;

CREATE FUNCTION app.create_user(_username text, _email text, _password_hash text, _role text, _timezone text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    _user_id bigint;
begin
    insert into app.users (username, email, password_hash, role, timezone)
    values (_username, _email, _password_hash, _role, _timezone)
    returning id into _user_id;
    insert into app.owner_clock (user_id) values (_user_id);
    return _user_id;
end
$$;

CREATE FUNCTION app.delete_session(_user_id bigint, _session_id text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    _session app.recording_sessions;
    _now record;
begin
    select * into _session from app.recording_sessions
    where user_id = _user_id and session_id = _session_id
    for update;
    if not found or _session.deleted_at is not null then
        return found;
    end if;
    delete from app.session_changes where session_id = _session.id;
    delete from app.pushes where session_id = _session.id;
    select * into _now from app.advance_clock(_user_id, -_session.data_count);
    update app.recording_sessions
    set
        deleted_at = clock_timestamp(), change_no = _now.change_no, updated_at = _now.changed_at,
        start_time = null, end_time = null, enabled_sensors = null, sample_rate = null, notes = null, data_count = 0
    where id = _session.id;
    return true;
end
$$;

CREATE FUNCTION app.edition() RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    _is_community boolean;
begin
    if not exists (
        select from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = '_timescaledb_catalog' and c.relname = 'hypertable'
    ) then
        return 'plain';
    end if;
    if to_regprocedure('_timescaledb_functions.tsl_loaded()') is null then
        return 'apache';
    end if;
    execute 'select _timescaledb_functions.tsl_loaded()' into _is_community;
    return case when _is_community then 'community' else 'apache' end;
end
$$;

CREATE FUNCTION app.erase_readings(_limit integer) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    _session app.recording_sessions;
    _erased bigint;
begin
    select * into _session from app.recording_sessions
    where deleted_at is not null and erased_at is null
    order by id limit 1 for update skip locked;
    if not found then
        return false;
    end if;
    -- The range of times lets TimescaleDB leave all other chunks alone.
    with doomed as (
        select sensor_type_id, recorded_at from app.sensor_data
        where session_id = _session.id
            and recorded_at between _session.first_reading_at and _session.last_reading_at
        limit _limit
    )
    delete from app.sensor_data as d using doomed
    where d.session_id = _session.id and d.sensor_type_id = doomed.sensor_type_id
        and d.recorded_at = doomed.recorded_at
        and d.recorded_at between _session.first_reading_at and _session.last_reading_at;
    get diagnostics _erased = row_count;
    if _erased < _limit then
        update app.recording_sessions
        set erased_at = clock_timestamp(), first_reading_at = null, last_reading_at = null
        where id = _session.id;
    end if;
    return true;
end
$$;

CREATE FUNCTION app.finish_push(_id bigint, _user_id bigint, _device_id bigint, _push_id text, _body_hash bytea, _is_changed boolean, _counts jsonb, _rejected jsonb, _sensors text[], _data_bytes bigint, _types integer[], _from timestamp with time zone[], _to timestamp with time zone[]) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    _inserted bigint := (_counts ->> 'inserted')::bigint;
    _updated bigint := (_counts ->> 'updated')::bigint;
    _duplicates bigint := (_counts ->> 'duplicates')::bigint;
    _errors bigint := (_counts ->> 'errors')::bigint;
    _total bigint := (_counts ->> 'total_records')::bigint;
    _session app.recording_sessions;
    _now record;
    _log_id bigint;
    _reply jsonb;
begin
    if _total <> _inserted + _updated + _duplicates + _errors then
        raise exception 'the counts of a push do not add up: %', _counts;
    end if;
    update app.devices as d set last_push_at = clock_timestamp() where d.id = _device_id;
    if _is_changed or _inserted + _updated > 0 then
        select * into _now from app.advance_clock(_user_id, _inserted);
        insert into app.session_changes (session_id, sensor_type_id, change_no, changed_at, from_at, to_at, device_id)
        select _id, c.sensor_type_id, _now.change_no, _now.changed_at, c.from_at, c.to_at, _device_id
        from unnest(_types, _from, _to) as c (sensor_type_id, from_at, to_at);
        update app.recording_sessions as s
        set
            change_no = _now.change_no, updated_at = _now.changed_at, last_push_at = clock_timestamp(),
            data_count = s.data_count + _inserted,
            first_reading_at = least(s.first_reading_at, (select min(f) from unnest(_from) as f)),
            last_reading_at = greatest(s.last_reading_at, (select max(t) from unnest(_to) as t)),
            -- Closed by the system for want of readings: here they are.
            end_time = case when s.closed_by = 'system' and _inserted + _updated > 0 then null else s.end_time end,
            closed_by = case when s.closed_by = 'system' and _inserted + _updated > 0 then null else s.closed_by end
        where s.id = _id;
    else
        select c.change_no, c.changed_at into _now from app.owner_clock as c where c.user_id = _user_id;
    end if;
    select * into _session from app.recording_sessions as s where s.id = _id;
    insert into app.sync_logs (
        user_id, device_id, sync_type, status, total_records, inserted_count, updated_count, duplicate_count,
        error_count, sensor_types, data_bytes, server_timestamp
    ) values (
        _user_id, _device_id, 'push', 'success', _total, _inserted, _updated, _duplicates,
        _errors, _sensors, _data_bytes, _now.changed_at
    ) returning id into _log_id;

    _reply := jsonb_build_object(
        'message', 'Sync completed successfully', 'session_id', _session.session_id,
        'rejected', _rejected, 'sync_log_id', _log_id, 'session_data_count', _session.data_count,
        'server_timestamp', app.iso_time(_now.changed_at)
    ) || _counts;
    if _push_id is not null then
        insert into app.pushes (session_id, push_id, body_hash, reply) values (_id, _push_id, _body_hash, _reply);
    end if;
    return _reply;
end
$$;

CREATE FUNCTION app.iso_time(_at timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT to_char((_at AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'::text) AS to_char;
END;

CREATE TABLE app.recording_sessions (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    session_id text NOT NULL,
    start_time timestamp with time zone,
    end_time timestamp with time zone,
    enabled_sensors jsonb,
    sample_rate double precision,
    notes text,
    is_uploaded boolean DEFAULT false NOT NULL,
    closed_by text,
    data_count bigint DEFAULT 0 NOT NULL,
    first_reading_at timestamp with time zone,
    last_reading_at timestamp with time zone,
    last_push_at timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    change_no bigint DEFAULT 0 NOT NULL,
    deleted_at timestamp with time zone,
    erased_at timestamp with time zone
);

CREATE FUNCTION app.list_sessions(_user_id bigint, _session_id text, _before bigint, _limit integer) RETURNS TABLE(id bigint, session_id text, start_time timestamp with time zone, end_time timestamp with time zone, is_active boolean, enabled_sensors jsonb, sample_rate double precision, data_count bigint, notes text, is_uploaded boolean, created_at timestamp with time zone, updated_at timestamp with time zone, first_reading_at timestamp with time zone, last_reading_at timestamp with time zone)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT s.id,
     s.session_id,
     s.start_time,
     s.end_time,
     (s.end_time IS NULL),
     s.enabled_sensors,
     s.sample_rate,
     s.data_count,
     s.notes,
     s.is_uploaded,
     s.created_at,
     s.updated_at,
     s.first_reading_at,
     s.last_reading_at
    FROM app.recording_sessions s
   WHERE ((s.user_id = list_sessions._user_id) AND (s.deleted_at IS NULL) AND ((list_sessions._session_id IS NULL) OR (s.session_id = list_sessions._session_id)) AND ((list_sessions._before IS NULL) OR (s.id < list_sessions._before)))
   ORDER BY s.id DESC
  LIMIT list_sessions._limit;
END;

CREATE FUNCTION app.open_push(_user_id bigint, _session_id text, _fields jsonb, _push_id text, _body_hash bytea, _types integer[], _from timestamp with time zone[], _to timestamp with time zone[]) RETURNS TABLE(id bigint, is_changed boolean, is_fresh boolean, reading_count bigint, replay jsonb)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    _old app.recording_sessions;
    _new app.recording_sessions;
    _push app.pushes;
begin
    select * into _old from app.recording_sessions as s
    where s.user_id = _user_id and s.session_id = _session_id for update;
    if not found then
        insert into app.recording_sessions (user_id, session_id) values (_user_id, _session_id)
        on conflict do nothing;
        select * into _old from app.recording_sessions as s
        where s.user_id = _user_id and s.session_id = _session_id for update;
    end if;
    if _old.deleted_at is not null then
        raise exception 'this session was deleted' using errcode = 'KX410';
    end if;
    select * into _push from app.pushes as p where p.session_id = _old.id and p.push_id = _push_id;
    if found and _push.body_hash <> _body_hash then
        raise exception 'push_id was used for another body' using errcode = 'KX422';
    elsif found then
        return query select _old.id, false, false, 0::bigint, _push.reply;
        return;
    end if;

    _new := jsonb_populate_record(_old, _fields);
    if _fields ? 'end_time' and not _fields ? 'is_uploaded' then
        _new.is_uploaded := _new.end_time is not null;
    end if;
    if _new.end_time is distinct from _old.end_time then
        _new.closed_by := null;
    end if;
    if _new is distinct from _old then
        update app.recording_sessions as s
        set
            start_time = _new.start_time, end_time = _new.end_time, enabled_sensors = _new.enabled_sensors,
            sample_rate = _new.sample_rate, notes = _new.notes, is_uploaded = _new.is_uploaded,
            closed_by = _new.closed_by
        where s.id = _old.id;
    end if;
    return query
    select
        _old.id,
        _new is distinct from _old or _old.change_no = 0,
        not exists (
            select from unnest(_types, _from, _to) as batch (sensor_type_id, from_at, to_at)
            join app.session_changes as c
                on c.session_id = _old.id and c.sensor_type_id = batch.sensor_type_id
                and c.to_at >= batch.from_at and c.from_at <= batch.to_at
        ),
        c.reading_count,
        null::jsonb
    from app.owner_clock as c where c.user_id = _user_id;
end
$$;

CREATE TABLE app.generation (
    is_only boolean DEFAULT true NOT NULL,
    id uuid NOT NULL,
    fingerprint text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT generation_is_only_check CHECK (is_only)
);

CREATE FUNCTION app.pull_head(_user_id bigint) RETURNS TABLE(generation uuid, generation_at timestamp with time zone, change_no bigint, changed_at timestamp with time zone)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT g.id,
     g.created_at,
     c.change_no,
     c.changed_at
    FROM app.generation g,
     app.owner_clock c
   WHERE (c.user_id = pull_head._user_id);
END;

CREATE FUNCTION app.pull_sessions(_user_id bigint, _base bigint, _since timestamp with time zone, _session_ids text[], _from_id bigint, _offset bigint, _limit integer) RETURNS TABLE(id bigint, session_id text, start_time timestamp with time zone, end_time timestamp with time zone, is_active boolean, enabled_sensors jsonb, sample_rate double precision, data_count bigint, notes text, is_uploaded boolean, created_at timestamp with time zone, updated_at timestamp with time zone, is_deleted boolean, total bigint)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 WITH changed AS MATERIALIZED (
          SELECT s.id,
             s.user_id,
             s.session_id,
             s.start_time,
             s.end_time,
             s.enabled_sensors,
             s.sample_rate,
             s.notes,
             s.is_uploaded,
             s.closed_by,
             s.data_count,
             s.first_reading_at,
             s.last_reading_at,
             s.last_push_at,
             s.created_at,
             s.updated_at,
             s.change_no,
             s.deleted_at,
             s.erased_at
            FROM app.recording_sessions s
           WHERE ((s.user_id = pull_sessions._user_id) AND (s.change_no > pull_sessions._base) AND (s.updated_at > pull_sessions._since) AND ((pull_sessions._session_ids IS NULL) OR (s.session_id = ANY (pull_sessions._session_ids))))
         )
  SELECT changed.id,
     changed.session_id,
     changed.start_time,
     changed.end_time,
     (changed.end_time IS NULL),
     changed.enabled_sensors,
     changed.sample_rate,
     changed.data_count,
     changed.notes,
     changed.is_uploaded,
     changed.created_at,
     changed.updated_at,
     (changed.deleted_at IS NOT NULL),
     ( SELECT count(all_changed.id) AS count
            FROM changed all_changed) AS count
    FROM changed
   WHERE (changed.id >= pull_sessions._from_id)
   ORDER BY changed.id
  OFFSET pull_sessions._offset
  LIMIT pull_sessions._limit;
END;

CREATE TABLE app.sensor_data (
    session_id bigint NOT NULL,
    sensor_type_id integer NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    x double precision,
    y double precision,
    z double precision,
    value double precision,
    latitude double precision,
    longitude double precision,
    altitude double precision,
    accuracy double precision,
    speed double precision,
    bearing double precision,
    extra jsonb
);

CREATE TABLE app.sensor_types (
    id integer NOT NULL,
    name text NOT NULL,
    value_key text NOT NULL,
    created_by bigint
);

CREATE FUNCTION app.readings_columns(_session_id bigint, _sensor_type_id integer, _from timestamp with time zone, _to timestamp with time zone, _limit integer) RETURNS TABLE(sensor_type text, value_key text, readings bigint, extras bigint, last_at timestamp with time zone, recorded_at bytea, x bytea, y bytea, z bytea, value bytea, latitude bytea, longitude bytea, altitude bytea, accuracy bytea, speed bytea, bearing bytea)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 WITH slice AS (
          SELECT d.session_id,
             d.sensor_type_id,
             d.recorded_at,
             d.x,
             d.y,
             d.z,
             d.value,
             d.latitude,
             d.longitude,
             d.altitude,
             d.accuracy,
             d.speed,
             d.bearing,
             d.extra
            FROM app.sensor_data d
           WHERE ((d.session_id = readings_columns._session_id) AND (d.sensor_type_id = readings_columns._sensor_type_id) AND ((d.recorded_at >= readings_columns._from) AND (d.recorded_at <= readings_columns._to)))
           ORDER BY d.recorded_at
          LIMIT readings_columns._limit
         ), columns AS (
          SELECT count(*) AS count,
             count(s.extra) AS count,
             max(s.recorded_at) AS max,
             string_agg(timestamptz_send(s.recorded_at), '\x'::bytea) AS string_agg,
             string_agg(float8send(s.x), '\x'::bytea) AS string_agg,
             string_agg(float8send(s.y), '\x'::bytea) AS string_agg,
             string_agg(float8send(s.z), '\x'::bytea) AS string_agg,
             string_agg(float8send(s.value), '\x'::bytea) AS string_agg,
             string_agg(float8send(s.latitude), '\x'::bytea) AS string_agg,
             string_agg(float8send(s.longitude), '\x'::bytea) AS string_agg,
             string_agg(float8send(s.altitude), '\x'::bytea) AS string_agg,
             string_agg(float8send(s.accuracy), '\x'::bytea) AS string_agg,
             string_agg(float8send(s.speed), '\x'::bytea) AS string_agg,
             string_agg(float8send(s.bearing), '\x'::bytea) AS string_agg
            FROM slice s
         )
  SELECT t.name,
     t.value_key,
     columns.count,
     columns.count_1 AS count,
     columns.max,
     columns.string_agg,
     columns.string_agg_1 AS string_agg,
     columns.string_agg_2 AS string_agg,
     columns.string_agg_3 AS string_agg,
     columns.string_agg_4 AS string_agg,
     columns.string_agg_5 AS string_agg,
     columns.string_agg_6 AS string_agg,
     columns.string_agg_7 AS string_agg,
     columns.string_agg_8 AS string_agg,
     columns.string_agg_9 AS string_agg,
     columns.string_agg_10 AS string_agg
    FROM (app.sensor_types t
      CROSS JOIN columns columns(count, count_1, max, string_agg, string_agg_1, string_agg_2, string_agg_3, string_agg_4, string_agg_5, string_agg_6, string_agg_7, string_agg_8, string_agg_9, string_agg_10))
   WHERE (t.id = readings_columns._sensor_type_id);
END;

CREATE FUNCTION app.readings_json(_session_id bigint, _sensor_type_id integer, _from timestamp with time zone, _to timestamp with time zone, _limit integer) RETURNS TABLE(body bytea, readings bigint, last_at timestamp with time zone)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 WITH sensor AS (
          SELECT format('{"sensor_type":%s,"timestamp":'::text, to_json(t.name)) AS head,
             format('%s:'::text, to_json(t.value_key)) AS value_key
            FROM app.sensor_types t
           WHERE (t.id = readings_json._sensor_type_id)
         ), slice AS (
          SELECT d.session_id,
             d.sensor_type_id,
             d.recorded_at,
             d.x,
             d.y,
             d.z,
             d.value,
             d.latitude,
             d.longitude,
             d.altitude,
             d.accuracy,
             d.speed,
             d.bearing,
             d.extra
            FROM app.sensor_data d
           WHERE ((d.session_id = readings_json._session_id) AND (d.sensor_type_id = readings_json._sensor_type_id) AND ((d.recorded_at >= readings_json._from) AND (d.recorded_at <= readings_json._to)))
           ORDER BY d.recorded_at
          LIMIT readings_json._limit
         )
  SELECT convert_to(string_agg(((((sensor.head || ((round((date_part('epoch'::text, slice.recorded_at) * ('1000000'::numeric)::double precision)) / ('1000'::numeric)::double precision))::text) || ',"data":{'::text) || concat_ws(','::text, ('"x":'::text || slice.x), ('"y":'::text || slice.y), ('"z":'::text || slice.z), (sensor.value_key || slice.value), ('"latitude":'::text || slice.latitude), ('"longitude":'::text || slice.longitude), ('"altitude":'::text || slice.altitude), ('"accuracy":'::text || slice.accuracy), ('"speed":'::text || slice.speed), ('"bearing":'::text || slice.bearing), NULLIF(substr((slice.extra)::text, 2, (length((slice.extra)::text) - 2)), ''::text))) || '}}'::text), ','::text ORDER BY slice.recorded_at), 'UTF8'::name) AS convert_to,
     count(*) AS count,
     max(slice.recorded_at) AS max
    FROM slice,
     sensor;
END;

CREATE FUNCTION app.register_sensor_types(_user_id bigint, _names text[], _value_keys text[], _limit integer) RETURNS TABLE(name text, id integer, value_key text)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    insert into app.sensor_types (name, value_key, created_by)
    select wanted.name, wanted.value_key, _user_id
    from unnest(_names, _value_keys) as wanted (name, value_key)
    where not exists (select from app.sensor_types as known where known.name = wanted.name)
    order by wanted.name
    limit greatest(0, _limit - (select count(*) from app.sensor_types as own where own.created_by = _user_id))
    on conflict do nothing;
    return query select t.name, t.id, t.value_key from app.sensor_types as t where t.name = any(_names);
end
$$;

CREATE FUNCTION app.renew_generation(_force boolean DEFAULT false) RETURNS TABLE(id uuid, created_at timestamp with time zone, is_new boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    _fingerprint text;
    _now timestamptz := date_trunc('milliseconds', clock_timestamp());
begin
    select concat_ws('/', s.system_identifier, c.timeline_id, d.oid)
    into _fingerprint
    from pg_control_system() as s, pg_control_checkpoint() as c, pg_database as d
    where d.datname = current_database();

    return query
    select g.id, g.created_at, false from app.generation as g where g.fingerprint = _fingerprint and not _force;
    if found then
        return;
    end if;

    return query
    insert into app.generation as g (id, fingerprint, created_at)
    values (gen_random_uuid(), _fingerprint, _now)
    on conflict (is_only) do update
    set id = excluded.id, fingerprint = excluded.fingerprint, created_at = excluded.created_at
    where g.fingerprint <> excluded.fingerprint or _force
    returning g.id, g.created_at, true;
    if not found then  -- another process renewed it while we waited
        return query select g.id, g.created_at, false from app.generation as g;
        return;
    end if;
    -- A time that a pull hands out must not lie before the generation: the next pull would send everything again.
    update app.owner_clock as c set changed_at = _now where c.changed_at < _now;
end
$$;

CREATE FUNCTION app.rotate_refresh_token(_token_hash bytea, _successor_hash bytea, _lifetime interval, _grace interval DEFAULT '00:00:30'::interval) RETURNS TABLE(outcome text, user_id bigint, device_id bigint, family_id uuid)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    _token app.refresh_tokens;
    _family app.token_families;
    _newest integer;
begin
    select f.* into _family
    from app.token_families as f join app.refresh_tokens as t on t.family_id = f.id
    where t.token_hash = _token_hash
    for update of f;
    if not found then
        return query select 'unknown', null::bigint, null::bigint, null::uuid;
        return;
    end if;
    select t.* into _token from app.refresh_tokens as t where t.token_hash = _token_hash;
    select max(t.generation) into _newest from app.refresh_tokens as t where t.family_id = _family.id;

    if _family.revoked_at is not null or not exists (
        select from app.users as u where u.id = _family.user_id and u.is_active
    ) then
        outcome := 'revoked';
    elsif _token.used_at is null and _token.expires_at <= clock_timestamp() then
        outcome := 'expired';
    elsif _token.used_at is null then
        update app.refresh_tokens as t set used_at = clock_timestamp() where t.token_hash = _token_hash;
        insert into app.refresh_tokens (token_hash, family_id, generation, expires_at)
        values (_successor_hash, _family.id, _token.generation + 1, clock_timestamp() + _lifetime);
        delete from app.refresh_tokens as t where t.family_id = _family.id and t.expires_at <= clock_timestamp();
        outcome := 'rotated';
    elsif _token.generation = _newest - 1 and _token.used_at > clock_timestamp() - _grace then
        outcome := 'retried';
    else
        update app.token_families as f set revoked_at = clock_timestamp() where f.id = _family.id;
        outcome := 'reused';
    end if;
    return query select outcome, _family.user_id, _family.device_id, _family.id;
end
$$;

CREATE FUNCTION app.start_login(_user_id bigint, _device_id text, _token_hash bytea, _lifetime interval) RETURNS TABLE(user_id bigint, device_id bigint, family_id uuid)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    delete from app.token_families as f
    where
        f.user_id = _user_id
        and not exists (
            select from app.refresh_tokens as t where t.family_id = f.id and t.expires_at > clock_timestamp()
        );
    insert into app.devices as d (user_id, device_id) values (_user_id, _device_id)
    on conflict on constraint devices_user_id_device_id_key do update set revoked_at = null
    returning d.id into start_login.device_id;
    insert into app.token_families as f (user_id, device_id) values (_user_id, start_login.device_id)
    returning f.id into start_login.family_id;
    insert into app.refresh_tokens (token_hash, family_id, generation, expires_at)
    values (_token_hash, start_login.family_id, 1, clock_timestamp() + _lifetime);
    start_login.user_id := _user_id;
    return next;
end
$$;

CREATE TABLE app.sync_logs (
    id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    user_id bigint NOT NULL,
    device_id bigint,
    sync_type text NOT NULL,
    status text NOT NULL,
    total_records bigint DEFAULT 0 NOT NULL,
    inserted_count bigint DEFAULT 0 NOT NULL,
    updated_count bigint DEFAULT 0 NOT NULL,
    duplicate_count bigint DEFAULT 0 NOT NULL,
    error_count bigint DEFAULT 0 NOT NULL,
    sensor_types text[],
    data_bytes bigint,
    error text,
    server_timestamp timestamp with time zone,
    last_sync_time timestamp with time zone,
    CONSTRAINT sync_logs_status_check CHECK ((status = ANY (ARRAY['success'::text, 'failed'::text]))),
    CONSTRAINT sync_logs_sync_type_check CHECK ((sync_type = ANY (ARRAY['push'::text, 'pull'::text])))
);

CREATE FUNCTION app.sync_status(_user_id bigint, _logs integer DEFAULT 20) RETURNS jsonb
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT jsonb_build_object('sessions', ( SELECT count(*) AS count
            FROM app.recording_sessions s
           WHERE ((s.user_id = sync_status._user_id) AND (s.deleted_at IS NULL))), 'active_sessions', ( SELECT count(*) AS count
            FROM app.recording_sessions s
           WHERE ((s.user_id = sync_status._user_id) AND (s.deleted_at IS NULL) AND (s.end_time IS NULL))), 'readings', c.reading_count, 'server_timestamp', app.iso_time(c.changed_at), 'devices', ( SELECT COALESCE(jsonb_agg(jsonb_build_object('device_id', d.device_id, 'last_push_at', app.iso_time(d.last_push_at), 'last_pull_at', app.iso_time(d.last_pull_at)) ORDER BY d.id), '[]'::jsonb) AS "coalesce"
            FROM app.devices d
           WHERE ((d.user_id = sync_status._user_id) AND (d.revoked_at IS NULL))), 'recent_logs', ( SELECT COALESCE(jsonb_agg(to_jsonb(log.*) ORDER BY log.created_at DESC, log.id DESC), '[]'::jsonb) AS "coalesce"
            FROM ( SELECT l.id,
                     l.sync_type,
                     l.status,
                     l.total_records,
                     l.inserted_count,
                     l.updated_count,
                     l.duplicate_count,
                     l.error_count,
                     l.sensor_types,
                     l.data_bytes,
                     l.error,
                     app.iso_time(l.server_timestamp) AS server_timestamp,
                     app.iso_time(l.created_at) AS created_at
                    FROM app.sync_logs l
                   WHERE (l.user_id = sync_status._user_id)
                   ORDER BY l.created_at DESC, l.id DESC
                  LIMIT sync_status._logs) log)) AS jsonb_build_object
    FROM app.owner_clock c
   WHERE (c.user_id = sync_status._user_id);
END;

CREATE FUNCTION app.upsert_readings(_session_id bigint, _from timestamp with time zone, _to timestamp with time zone, _types integer[], _recorded_at timestamp with time zone[], _x double precision[], _y double precision[], _z double precision[], _value double precision[], _latitude double precision[], _longitude double precision[], _altitude double precision[], _accuracy double precision[], _speed double precision[], _bearing double precision[], _extra jsonb[]) RETURNS TABLE(sensor_type_id integer, inserted bigint, updated bigint, from_at timestamp with time zone, to_at timestamp with time zone)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
#variable_conflict use_column
begin
    return query
    with batch as (
        select *
        from unnest(
            _types, _recorded_at, _x, _y, _z, _value,
            _latitude, _longitude, _altitude, _accuracy, _speed, _bearing, _extra
        ) as b (
            sensor_type_id, recorded_at, x, y, z, value,
            latitude, longitude, altitude, accuracy, speed, bearing, extra
        )
    ),
    -- Equal readings are found by reading; `on conflict` alone would lock, and so write, every one of them.
    changed as (
        select b.*, d.session_id is null as is_new
        from batch as b
        -- Lateral, with a limit: each is looked up by its key, whatever the planner believes of a table that nobody
        -- has analysed yet. Many equal readings do not come here: the service compares them by whole columns.
        left join lateral (
            select e.* from app.sensor_data as e
            where e.session_id = _session_id and e.sensor_type_id = b.sensor_type_id and e.recorded_at = b.recorded_at
                and e.recorded_at between _from and _to
            limit 1
        ) as d on true
        where d.session_id is null
            or (d.x, d.y, d.z, d.value, d.latitude, d.longitude, d.altitude, d.accuracy, d.speed, d.bearing, d.extra)
            is distinct from
            (b.x, b.y, b.z, b.value, b.latitude, b.longitude, b.altitude, b.accuracy, b.speed, b.bearing, b.extra)
    ),
    written as (
        insert into app.sensor_data (
            session_id, sensor_type_id, recorded_at,
            x, y, z, value, latitude, longitude, altitude, accuracy, speed, bearing, extra
        )
        select
            _session_id, c.sensor_type_id, c.recorded_at,
            c.x, c.y, c.z, c.value, c.latitude, c.longitude, c.altitude, c.accuracy, c.speed, c.bearing, c.extra
        from changed as c
        on conflict (session_id, sensor_type_id, recorded_at) do update
        -- No key column here: TimescaleDB refuses that on compressed chunks.
        set
            x = excluded.x, y = excluded.y, z = excluded.z, value = excluded.value,
            latitude = excluded.latitude, longitude = excluded.longitude, altitude = excluded.altitude,
            accuracy = excluded.accuracy, speed = excluded.speed, bearing = excluded.bearing, extra = excluded.extra
    )
    select
        c.sensor_type_id,
        count(*) filter (where c.is_new),
        count(*) filter (where not c.is_new),
        min(c.recorded_at),
        max(c.recorded_at)
    from changed as c group by c.sensor_type_id;
end
$$;

CREATE TABLE app._yoyo_log (
    id character varying(36) NOT NULL,
    migration_hash character varying(64),
    migration_id character varying(255),
    operation character varying(10),
    username character varying(255),
    hostname character varying(255),
    comment character varying(255),
    created_at_utc timestamp without time zone
);

CREATE TABLE app._yoyo_version (
    version integer NOT NULL,
    installed_at_utc timestamp without time zone
);

CREATE TABLE app.deployed_sql (
    sha256 text NOT NULL
);

ALTER TABLE app.devices ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.devices_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE app.migration_checksums (
    name text NOT NULL,
    sha256 text NOT NULL
);

CREATE TABLE app.pushes (
    session_id bigint NOT NULL,
    push_id text NOT NULL,
    body_hash bytea NOT NULL,
    reply jsonb NOT NULL
);

ALTER TABLE app.recording_sessions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.recording_sessions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE app.refresh_tokens (
    token_hash bytea NOT NULL,
    family_id uuid NOT NULL,
    generation integer NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

ALTER TABLE app.sensor_types ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.sensor_types_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE app.sync_logs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.sync_logs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE app.users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE app.yoyo_lock (
    locked integer DEFAULT 1 NOT NULL,
    ctime timestamp without time zone,
    pid integer NOT NULL
);

CREATE TABLE app.yoyo_migration (
    migration_hash character varying(64) NOT NULL,
    migration_id character varying(255),
    applied_at_utc timestamp without time zone
);

INSERT INTO app._yoyo_log VALUES ('ad3c3110-e5ba-11f1-b302-02fc00000001', 'b4363d325eccac37b1147773472089aa6db37c7b8b2d15c72adfa21d614f0495', '0001.create-schemas-and-roles', 'apply', 'koodtx', 'localhost', NULL, '2026-11-21 14:48:55.82788');
INSERT INTO app._yoyo_log VALUES ('ad41aa5a-e5ba-11f1-b302-02fc00000001', 'e439635bdc72615e6d50b3bdc7720fd7b7a9b30f138199fe123c710f379609fd', '0002.create-accounts', 'apply', 'koodtx', 'localhost', NULL, '2026-11-21 14:48:55.863771');
INSERT INTO app._yoyo_log VALUES ('ad460596-e5ba-11f1-b302-02fc00000001', '6eba20b4c43c68649589ea17c6d729c7d8149ebb9890fae93eab9ec30aeab066', '0003.create-sessions', 'apply', 'koodtx', 'localhost', NULL, '2026-11-21 14:48:55.892245');
INSERT INTO app._yoyo_log VALUES ('ad4a0862-e5ba-11f1-b302-02fc00000001', 'c4ec7be4653dc7d6af3581bd79ad3d10c3a1c9d64aa15089daa2ad6ab9166dc4', '0004.create-sensor-data', 'apply', 'koodtx', 'localhost', NULL, '2026-11-21 14:48:55.918524');
INSERT INTO app._yoyo_log VALUES ('ad4df6de-e5ba-11f1-b302-02fc00000001', '1a6a8be1586a01acef8f7fac89fa858d106aef786ad7e9100e2c1b4740b8b4eb', '0005.create-generation', 'apply', 'koodtx', 'localhost', NULL, '2026-11-21 14:48:55.944291');

INSERT INTO app._yoyo_version VALUES (2, '2026-11-21 14:48:55.740884');

INSERT INTO app.deployed_sql VALUES ('eece2496844ae6cb1231634531df7c3fcff6ea6a69f711ddb4b4076b98a8e161');

INSERT INTO app.devices OVERRIDING SYSTEM VALUE VALUES (1, 1, 'phone', '2026-11-21 14:48:56.415589+00', '2026-11-21 14:48:56.490717+00', '2026-11-21 14:48:56.52642+00', NULL);

INSERT INTO app.generation VALUES (true, '514678af-d4d7-4096-bb4b-7f1ac94a1edd', '7710636823739124211/1/16384', '2026-11-21 14:48:56.348+00');

INSERT INTO app.migration_checksums VALUES ('0001.create-schemas-and-roles', '3ddf1ef3e8d89be3dd4b5eab8ccec3d3ef7db0b413846301be7b272c4c526f7c');
INSERT INTO app.migration_checksums VALUES ('0002.create-accounts', '653e295e1d494a22beb3e9cb5bac8268fc19261285ebe9e87f41d49957a1bafb');
INSERT INTO app.migration_checksums VALUES ('0003.create-sessions', 'be138c9eb5587330a4fa041dfd7140dda6f5e4aa31786629ad6f9ec90a33ef67');
INSERT INTO app.migration_checksums VALUES ('0004.create-sensor-data', '1aa1829c7f39aecc1f3174e892de3a5ae851f64efcdfe083fc75b3ab85e7baae');
INSERT INTO app.migration_checksums VALUES ('0005.create-generation', '820772fa3cc4cc21e841fa27305915f33810f8ac2672411cc6fc1cee24d0fe2a');

INSERT INTO app.owner_clock VALUES (1, 4, '2026-11-21 14:48:56.501+00', 28);

INSERT INTO app.pushes VALUES (1, 'push-of-walk', '\x90803ad01befd2a1f0740a245e7716ed6b9136f1a15614eec34aeaec2af4356c', '{"errors": 0, "message": "Sync completed successfully", "updated": 0, "inserted": 25, "rejected": [], "duplicates": 0, "session_id": "walk", "sync_log_id": 1, "total_records": 25, "server_timestamp": "2026-11-21T14:48:56.457000Z", "session_data_count": 25}');
INSERT INTO app.pushes VALUES (2, 'push-of-weeks later', '\xcbb7e40cc715345610a07cb18618fbda7488e3e28902fc351e4811270cac44f0', '{"errors": 0, "message": "Sync completed successfully", "updated": 0, "inserted": 3, "rejected": [], "duplicates": 0, "session_id": "weeks later", "sync_log_id": 2, "total_records": 3, "server_timestamp": "2026-11-21T14:48:56.481000Z", "session_data_count": 3}');

INSERT INTO app.recording_sessions OVERRIDING SYSTEM VALUE VALUES (1, 1, 'walk', '2025-10-09 08:53:20+00', '2025-10-09 09:00:00+00', NULL, 100, '산책', true, NULL, 25, '2025-10-09 08:53:20+00', '2025-10-09 08:53:24+00', '2026-11-21 14:48:56.458433+00', '2026-11-21 14:48:56.445302+00', '2026-11-21 14:48:56.457+00', 1, NULL, NULL);
INSERT INTO app.recording_sessions OVERRIDING SYSTEM VALUE VALUES (2, 1, 'weeks later', '2025-10-09 08:53:20+00', NULL, NULL, NULL, NULL, false, NULL, 3, '2025-10-09 08:53:20+00', '2025-10-29 08:53:20+00', '2026-11-21 14:48:56.481951+00', '2026-11-21 14:48:56.47731+00', '2026-11-21 14:48:56.481+00', 2, NULL, NULL);
INSERT INTO app.recording_sessions OVERRIDING SYSTEM VALUE VALUES (3, 1, 'gone', NULL, NULL, NULL, NULL, NULL, false, NULL, 0, NULL, NULL, '2026-11-21 14:48:56.490975+00', '2026-11-21 14:48:56.487736+00', '2026-11-21 14:48:56.501+00', 4, '2026-11-21 14:48:56.501184+00', '2026-11-21 14:48:56.504375+00');

INSERT INTO app.refresh_tokens VALUES ('\x889846cfc54ec93dd526acc59e169853b4f439751a0360c14f403c1d5d90192b', 'e31ca314-f8b3-42cb-abcd-10ccb26f1949', 1, '2026-12-21 14:48:56.422079+00', NULL);

INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20+00', 0, 0, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.01+00', 0.125, -0.0625, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.02+00', 0.25, -0.125, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.03+00', 0.375, -0.1875, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.04+00', 0.5, -0.25, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.05+00', 0.625, -0.3125, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.06+00', 0.75, -0.375, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.07+00', 0.875, -0.4375, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.08+00', 1, -0.5, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.09+00', 1.125, -0.5625, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.1+00', 1.25, -0.625, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.11+00', 1.375, -0.6875, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.12+00', 1.5, -0.75, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.13+00', 1.625, -0.8125, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.14+00', 1.75, -0.875, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.15+00', 1.875, -0.9375, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.16+00', 2, -1, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.17+00', 2.125, -1.0625, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.18+00', 2.25, -1.125, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.19+00', 2.375, -1.1875, 9.8125, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 2, '2025-10-09 08:53:20+00', NULL, NULL, NULL, NULL, 37.5, 127, NULL, 5, 11.1, NULL, '{"floor": 0}');
INSERT INTO app.sensor_data VALUES (1, 2, '2025-10-09 08:53:21+00', NULL, NULL, NULL, NULL, 37.5001, 127, NULL, 5, 11.1, NULL, '{"floor": 1}');
INSERT INTO app.sensor_data VALUES (1, 2, '2025-10-09 08:53:22+00', NULL, NULL, NULL, NULL, 37.5002, 127, NULL, 5, 11.1, NULL, '{"floor": 2}');
INSERT INTO app.sensor_data VALUES (1, 2, '2025-10-09 08:53:23+00', NULL, NULL, NULL, NULL, 37.5003, 127, NULL, 5, 11.1, NULL, '{"floor": 3}');
INSERT INTO app.sensor_data VALUES (1, 2, '2025-10-09 08:53:24+00', NULL, NULL, NULL, NULL, 37.5004, 127, NULL, 5, 11.1, NULL, '{"floor": 4}');
INSERT INTO app.sensor_data VALUES (2, 3, '2025-10-09 08:53:20+00', NULL, NULL, NULL, 1013.25, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (2, 3, '2025-10-19 08:53:20+00', NULL, NULL, NULL, 1014.25, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (2, 3, '2025-10-29 08:53:20+00', NULL, NULL, NULL, 1015.25, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO app.sensor_types OVERRIDING SYSTEM VALUE VALUES (1, 'accelerometer', 'value', 1);
INSERT INTO app.sensor_types OVERRIDING SYSTEM VALUE VALUES (2, 'gps', 'value', 1);
INSERT INTO app.sensor_types OVERRIDING SYSTEM VALUE VALUES (3, 'barometer', 'pressure', 1);

INSERT INTO app.session_changes VALUES (1, 1, 1, '2026-11-21 14:48:56.457+00', '2025-10-09 08:53:20+00', '2025-10-09 08:53:20.19+00', 1);
INSERT INTO app.session_changes VALUES (1, 2, 1, '2026-11-21 14:48:56.457+00', '2025-10-09 08:53:20+00', '2025-10-09 08:53:24+00', 1);
INSERT INTO app.session_changes VALUES (2, 3, 2, '2026-11-21 14:48:56.481+00', '2025-10-09 08:53:20+00', '2025-10-29 08:53:20+00', 1);

INSERT INTO app.sync_logs OVERRIDING SYSTEM VALUE VALUES (1, '2026-11-21 14:48:56.445302+00', 1, 1, 'push', 'success', 25, 25, 0, 0, 0, '{accelerometer,gps}', 2802, NULL, '2026-11-21 14:48:56.457+00', NULL);
INSERT INTO app.sync_logs OVERRIDING SYSTEM VALUE VALUES (2, '2026-11-21 14:48:56.47731+00', 1, 1, 'push', 'success', 3, 3, 0, 0, 0, '{barometer}', 370, NULL, '2026-11-21 14:48:56.481+00', NULL);
INSERT INTO app.sync_logs OVERRIDING SYSTEM VALUE VALUES (3, '2026-11-21 14:48:56.487736+00', 1, 1, 'push', 'success', 1, 1, 0, 0, 0, '{accelerometer}', 185, NULL, '2026-11-21 14:48:56.49+00', NULL);
INSERT INTO app.sync_logs OVERRIDING SYSTEM VALUE VALUES (4, '2026-11-21 14:48:56.526736+00', 1, 1, 'pull', 'success', 28, 0, 0, 0, 0, NULL, 2851, NULL, '2026-11-21 14:48:56.501+00', NULL);

INSERT INTO app.token_families VALUES ('e31ca314-f8b3-42cb-abcd-10ccb26f1949', 1, 1, '2026-11-21 14:48:56.415589+00', NULL);

INSERT INTO app.users OVERRIDING SYSTEM VALUE VALUES (1, 'mina', 'mina@example.org', NULL, '$argon2id$v=19$m=19456,t=2,p=1$QuJ7sZrnRBTWY4oh99oaTg$JzTKb84vOvdcSQizjrG74ZlNC4Gao0YOu4U7pDYBzxE', 'user', 'UTC', true, '2026-11-21 14:48:56.415589+00');

INSERT INTO app.yoyo_migration VALUES ('b4363d325eccac37b1147773472089aa6db37c7b8b2d15c72adfa21d614f0495', '0001.create-schemas-and-roles', '2026-11-21 14:48:55.832734');
INSERT INTO app.yoyo_migration VALUES ('e439635bdc72615e6d50b3bdc7720fd7b7a9b30f138199fe123c710f379609fd', '0002.create-accounts', '2026-11-21 14:48:55.864307');
INSERT INTO app.yoyo_migration VALUES ('6eba20b4c43c68649589ea17c6d729c7d8149ebb9890fae93eab9ec30aeab066', '0003.create-sessions', '2026-11-21 14:48:55.895716');
INSERT INTO app.yoyo_migration VALUES ('c4ec7be4653dc7d6af3581bd79ad3d10c3a1c9d64aa15089daa2ad6ab9166dc4', '0004.create-sensor-data', '2026-11-21 14:48:55.919013');
INSERT INTO app.yoyo_migration VALUES ('1a6a8be1586a01acef8f7fac89fa858d106aef786ad7e9100e2c1b4740b8b4eb', '0005.create-generation', '2026-11-21 14:48:55.944875');

SELECT pg_catalog.setval('app.devices_id_seq', 1, true);

SELECT pg_catalog.setval('app.recording_sessions_id_seq', 3, true);

SELECT pg_catalog.setval('app.sensor_types_id_seq', 3, true);

SELECT pg_catalog.setval('app.sync_logs_id_seq', 4, true);

SELECT pg_catalog.setval('app.users_id_seq', 1, true);

ALTER TABLE ONLY app._yoyo_log
    ADD CONSTRAINT _yoyo_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app._yoyo_version
    ADD CONSTRAINT _yoyo_version_pkey PRIMARY KEY (version);

ALTER TABLE ONLY app.devices
    ADD CONSTRAINT devices_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.devices
    ADD CONSTRAINT devices_user_id_device_id_key UNIQUE (user_id, device_id);

ALTER TABLE ONLY app.generation
    ADD CONSTRAINT generation_pkey PRIMARY KEY (is_only);

ALTER TABLE ONLY app.migration_checksums
    ADD CONSTRAINT migration_checksums_pkey PRIMARY KEY (name);

ALTER TABLE ONLY app.owner_clock
    ADD CONSTRAINT owner_clock_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY app.pushes
    ADD CONSTRAINT pushes_pkey PRIMARY KEY (session_id, push_id);

ALTER TABLE ONLY app.recording_sessions
    ADD CONSTRAINT recording_sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.recording_sessions
    ADD CONSTRAINT recording_sessions_user_id_session_id_key UNIQUE (user_id, session_id);

ALTER TABLE ONLY app.refresh_tokens
    ADD CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY app.sensor_data
    ADD CONSTRAINT sensor_data_pkey PRIMARY KEY (session_id, sensor_type_id, recorded_at);

ALTER TABLE ONLY app.sensor_types
    ADD CONSTRAINT sensor_types_name_key UNIQUE (name);

ALTER TABLE ONLY app.sensor_types
    ADD CONSTRAINT sensor_types_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.session_changes
    ADD CONSTRAINT session_changes_pkey PRIMARY KEY (session_id, sensor_type_id, change_no);

ALTER TABLE ONLY app.sync_logs
    ADD CONSTRAINT sync_logs_pkey PRIMARY KEY (created_at, id);

ALTER TABLE ONLY app.token_families
    ADD CONSTRAINT token_families_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.yoyo_lock
    ADD CONSTRAINT yoyo_lock_pkey PRIMARY KEY (locked);

ALTER TABLE ONLY app.yoyo_migration
    ADD CONSTRAINT yoyo_migration_pkey PRIMARY KEY (migration_hash);

CREATE INDEX recording_sessions_erasable_idx ON app.recording_sessions USING btree (id) WHERE ((deleted_at IS NOT NULL) AND (erased_at IS NULL));

CREATE INDEX recording_sessions_user_id_change_no_idx ON app.recording_sessions USING btree (user_id, change_no);

CREATE INDEX recording_sessions_user_id_id_idx ON app.recording_sessions USING btree (user_id, id);

CREATE INDEX recording_sessions_user_id_updated_at_idx ON app.recording_sessions USING btree (user_id, updated_at);

CREATE INDEX refresh_tokens_family_id_idx ON app.refresh_tokens USING btree (family_id, generation);

CREATE INDEX sensor_types_created_by_idx ON app.sensor_types USING btree (created_by);

CREATE INDEX session_changes_to_at_idx ON app.session_changes USING btree (session_id, sensor_type_id, to_at);

CREATE INDEX sync_logs_user_id_idx ON app.sync_logs USING btree (user_id, created_at DESC);

CREATE INDEX token_families_user_id_idx ON app.token_families USING btree (user_id);

CREATE UNIQUE INDEX users_email_key ON app.users USING btree (lower(email));

CREATE UNIQUE INDEX users_username_key ON app.users USING btree (lower(username));

ALTER TABLE ONLY app.devices
    ADD CONSTRAINT devices_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users(id);

ALTER TABLE ONLY app.owner_clock
    ADD CONSTRAINT owner_clock_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users(id);

ALTER TABLE ONLY app.pushes
    ADD CONSTRAINT pushes_session_id_fkey FOREIGN KEY (session_id) REFERENCES app.recording_sessions(id);

ALTER TABLE ONLY app.recording_sessions
    ADD CONSTRAINT recording_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users(id);

ALTER TABLE ONLY app.refresh_tokens
    ADD CONSTRAINT refresh_tokens_family_id_fkey FOREIGN KEY (family_id) REFERENCES app.token_families(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.sensor_types
    ADD CONSTRAINT sensor_types_created_by_fkey FOREIGN KEY (created_by) REFERENCES app.users(id);

ALTER TABLE ONLY app.session_changes
    ADD CONSTRAINT session_changes_device_id_fkey FOREIGN KEY (device_id) REFERENCES app.devices(id);

ALTER TABLE ONLY app.session_changes
    ADD CONSTRAINT session_changes_sensor_type_id_fkey FOREIGN KEY (sensor_type_id) REFERENCES app.sensor_types(id);

ALTER TABLE ONLY app.session_changes
    ADD CONSTRAINT session_changes_session_id_fkey FOREIGN KEY (session_id) REFERENCES app.recording_sessions(id);

ALTER TABLE ONLY app.token_families
    ADD CONSTRAINT token_families_device_id_fkey FOREIGN KEY (device_id) REFERENCES app.devices(id);

ALTER TABLE ONLY app.token_families
    ADD CONSTRAINT token_families_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users(id);

GRANT USAGE ON SCHEMA analytics TO koodtx_app;
GRANT USAGE ON SCHEMA analytics TO koodtx_analyst;

GRANT USAGE ON SCHEMA app TO koodtx_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.devices TO koodtx_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.token_families TO koodtx_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.users TO koodtx_app;

REVOKE ALL ON FUNCTION app.active_login(_family_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.active_login(_family_id uuid) TO koodtx_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.owner_clock TO koodtx_app;

REVOKE ALL ON FUNCTION app.advance_clock(_user_id bigint, _readings bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.advance_clock(_user_id bigint, _readings bigint) TO koodtx_app;

REVOKE ALL ON FUNCTION app.annotate_session(_user_id bigint, _session_id text, _notes text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.annotate_session(_user_id bigint, _session_id text, _notes text) TO koodtx_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.session_changes TO koodtx_app;

REVOKE ALL ON FUNCTION app.changed_ranges(_session_id bigint, _base bigint, _since timestamp with time zone, _without bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.changed_ranges(_session_id bigint, _base bigint, _since timestamp with time zone, _without bigint) TO koodtx_app;

REVOKE ALL ON FUNCTION app.create_user(_username text, _email text, _password_hash text, _role text, _timezone text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.create_user(_username text, _email text, _password_hash text, _role text, _timezone text) TO koodtx_app;

REVOKE ALL ON FUNCTION app.delete_session(_user_id bigint, _session_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.delete_session(_user_id bigint, _session_id text) TO koodtx_app;

REVOKE ALL ON FUNCTION app.edition() FROM PUBLIC;
GRANT ALL ON FUNCTION app.edition() TO koodtx_app;

REVOKE ALL ON FUNCTION app.erase_readings(_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.erase_readings(_limit integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.finish_push(_id bigint, _user_id bigint, _device_id bigint, _push_id text, _body_hash bytea, _is_changed boolean, _counts jsonb, _rejected jsonb, _sensors text[], _data_bytes bigint, _types integer[], _from timestamp with time zone[], _to timestamp with time zone[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.finish_push(_id bigint, _user_id bigint, _device_id bigint, _push_id text, _body_hash bytea, _is_changed boolean, _counts jsonb, _rejected jsonb, _sensors text[], _data_bytes bigint, _types integer[], _from timestamp with time zone[], _to timestamp with time zone[]) TO koodtx_app;

REVOKE ALL ON FUNCTION app.iso_time(_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.iso_time(_at timestamp with time zone) TO koodtx_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.recording_sessions TO koodtx_app;

REVOKE ALL ON FUNCTION app.list_sessions(_user_id bigint, _session_id text, _before bigint, _limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.list_sessions(_user_id bigint, _session_id text, _before bigint, _limit integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.open_push(_user_id bigint, _session_id text, _fields jsonb, _push_id text, _body_hash bytea, _types integer[], _from timestamp with time zone[], _to timestamp with time zone[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.open_push(_user_id bigint, _session_id text, _fields jsonb, _push_id text, _body_hash bytea, _types integer[], _from timestamp with time zone[], _to timestamp with time zone[]) TO koodtx_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.generation TO koodtx_app;

REVOKE ALL ON FUNCTION app.pull_head(_user_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.pull_head(_user_id bigint) TO koodtx_app;

REVOKE ALL ON FUNCTION app.pull_sessions(_user_id bigint, _base bigint, _since timestamp with time zone, _session_ids text[], _from_id bigint, _offset bigint, _limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.pull_sessions(_user_id bigint, _base bigint, _since timestamp with time zone, _session_ids text[], _from_id bigint, _offset bigint, _limit integer) TO koodtx_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.sensor_data TO koodtx_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.sensor_types TO koodtx_app;

REVOKE ALL ON FUNCTION app.readings_columns(_session_id bigint, _sensor_type_id integer, _from timestamp with time zone, _to timestamp with time zone, _limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.readings_columns(_session_id bigint, _sensor_type_id integer, _from timestamp with time zone, _to timestamp with time zone, _limit integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.readings_json(_session_id bigint, _sensor_type_id integer, _from timestamp with time zone, _to timestamp with time zone, _limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.readings_json(_session_id bigint, _sensor_type_id integer, _from timestamp with time zone, _to timestamp with time zone, _limit integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.register_sensor_types(_user_id bigint, _names text[], _value_keys text[], _limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.register_sensor_types(_user_id bigint, _names text[], _value_keys text[], _limit integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.renew_generation(_force boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION app.renew_generation(_force boolean) TO koodtx_app;

REVOKE ALL ON FUNCTION app.rotate_refresh_token(_token_hash bytea, _successor_hash bytea, _lifetime interval, _grace interval) FROM PUBLIC;
GRANT ALL ON FUNCTION app.rotate_refresh_token(_token_hash bytea, _successor_hash bytea, _lifetime interval, _grace interval) TO koodtx_app;

REVOKE ALL ON FUNCTION app.start_login(_user_id bigint, _device_id text, _token_hash bytea, _lifetime interval) FROM PUBLIC;
GRANT ALL ON FUNCTION app.start_login(_user_id bigint, _device_id text, _token_hash bytea, _lifetime interval) TO koodtx_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.sync_logs TO koodtx_app;

REVOKE ALL ON FUNCTION app.sync_status(_user_id bigint, _logs integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.sync_status(_user_id bigint, _logs integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.upsert_readings(_session_id bigint, _from timestamp with time zone, _to timestamp with time zone, _types integer[], _recorded_at timestamp with time zone[], _x double precision[], _y double precision[], _z double precision[], _value double precision[], _latitude double precision[], _longitude double precision[], _altitude double precision[], _accuracy double precision[], _speed double precision[], _bearing double precision[], _extra jsonb[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.upsert_readings(_session_id bigint, _from timestamp with time zone, _to timestamp with time zone, _types integer[], _recorded_at timestamp with time zone[], _x double precision[], _y double precision[], _z double precision[], _value double precision[], _latitude double precision[], _longitude double precision[], _altitude double precision[], _accuracy double precision[], _speed double precision[], _bearing double precision[], _extra jsonb[]) TO koodtx_app;

GRANT SELECT ON TABLE app._yoyo_log TO koodtx_app;

GRANT SELECT ON TABLE app._yoyo_version TO koodtx_app;

GRANT SELECT ON TABLE app.deployed_sql TO koodtx_app;

GRANT SELECT ON TABLE app.migration_checksums TO koodtx_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.pushes TO koodtx_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.refresh_tokens TO koodtx_app;

GRANT SELECT ON TABLE app.yoyo_lock TO koodtx_app;

GRANT SELECT ON TABLE app.yoyo_migration TO koodtx_app;
