-- A database of the first version, as of migration 0011, on plain PostgreSQL, with the rows of one user: three sessions, of
-- which one is archived, a deleted one and a queued job. Made by pg_dump --inserts --no-owner; what only psql or only
-- PostgreSQL 17 and newer understand is left out.

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

CREATE FUNCTION analytics.iso_time(_at timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT to_char((_at AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'::text) AS to_char;
END;

COMMENT ON FUNCTION analytics.iso_time(_at timestamp with time zone) IS 'A time as the JSON of these functions and the API write it: ISO 8601, UTC, microseconds. NULL for NULL.';

CREATE FUNCTION analytics.session_anomalies(_recording bigint, _sensitivity double precision DEFAULT 3.0, _mode text DEFAULT 'global'::text, _window_s double precision DEFAULT 60, _from timestamp with time zone DEFAULT NULL::timestamp with time zone, _to timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(sensor_type_id integer, sensor text, channel text, count bigint, mean double precision, std double precision, anomalies bigint, ratio double precision, timestamps timestamp with time zone[], place integer)
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    _metrics jsonb;
begin
    if (_sensitivity between 1e-6 and 1e6) is not true then
        raise exception '_sensitivity must be between 0.000001 and 1,000,000' using errcode = 'invalid_parameter_value';
    elsif (_mode in ('global', 'robust', 'rolling')) is not true then
        raise exception '_mode must be global, robust or rolling' using errcode = 'invalid_parameter_value';
    elsif _mode = 'rolling' and (_window_s between 1e-3 and 1e9) is not true then
        raise exception '_window_s must be between 0.001 and 1,000,000,000 seconds'
            using errcode = 'invalid_parameter_value';
    end if;
    select coalesce(_from, s.first_reading_at), coalesce(_to, s.last_reading_at) into _from, _to
    from analytics.sessions as s where s.recording_id = _recording;
    execute 'select jsonb_agg(to_jsonb(m)) from analytics.session_metrics($1, $2, $3) as m'
    into _metrics using _recording, _from, _to;
    return query execute format(
        $query$
        with outliers as materialized (
            select o.sensor_type_id, o.axis, count(*) as count,
                (array_agg(o.recorded_at order by o.recorded_at))[:1000] as timestamps
            from analytics.%I($1, $2, $3, %s $5, $6) as o
            group by o.sensor_type_id, o.axis
        )
        select m.sensor_type_id, m.sensor, m.axis as channel, m.count, m.mean, m.std,
            coalesce(o.count, 0) as anomalies, coalesce(o.count, 0) / m.count::double precision as ratio,
            coalesce(o.timestamps, '{}') as timestamps, m.place
        from jsonb_to_recordset($2) as m (
            sensor_type_id integer, sensor text, axis text, count bigint, mean double precision, std double precision,
            place integer, is_channel boolean
        )
        left join outliers as o on o.sensor_type_id = m.sensor_type_id and o.axis = m.axis
        where m.is_channel
        order by m.sensor, m.place, m.axis
        $query$,
        _mode || '_outliers', case when _mode = 'rolling' then '$4,' else '' end
    ) using _recording, _metrics, _sensitivity, _window_s, _from, _to;
end
$_$;

COMMENT ON FUNCTION analytics.session_anomalies(_recording bigint, _sensitivity double precision, _mode text, _window_s double precision, _from timestamp with time zone, _to timestamp with time zone) IS 'Which readings of a recording are unusual: one row per sensor and channel. Channels are the magnitude of sensors with x, y, z, and every single value (pressure, speed, numeric keys of extra). A reading is an anomaly when abs(z) > _sensitivity. _mode global: z = (value - mean) / std of the whole channel, std being the sample standard deviation; robust: z = (value - median) / (1.4826 MAD), which outliers affect less; rolling: mean and std of the _window_s seconds before the reading, at least 10 readings, which follows slow changes. Where the deviation is 0 there are no anomalies. count: number of values; mean, std: of the whole channel in every mode. anomalies: number of them; ratio: anomalies / count; timestamps: of the first 1,000.';

SET default_tablespace = '';

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
    archived_count bigint DEFAULT 0 NOT NULL,
    archived_at timestamp with time zone,
    first_reading_at timestamp with time zone,
    last_reading_at timestamp with time zone,
    last_push_at timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    change_no bigint DEFAULT 0 NOT NULL,
    deleted_at timestamp with time zone,
    erased_at timestamp with time zone
);

CREATE VIEW analytics.sessions AS
 SELECT s.id AS recording_id,
    s.user_id,
    s.session_id,
    s.start_time,
    s.end_time,
        CASE
            WHEN (ended.at IS NOT NULL) THEN date_part('epoch'::text, (GREATEST(ended.at, s.start_time) - s.start_time))
            ELSE NULL::double precision
        END AS duration_s,
    s.sample_rate,
    s.enabled_sensors,
    s.data_count AS record_count,
    s.first_reading_at,
    s.last_reading_at,
    s.is_uploaded,
    s.created_at,
    NULLIF(s.updated_at, '-infinity'::timestamp with time zone) AS updated_at,
    s.archived_at,
    s.archived_count
   FROM (app.recording_sessions s
     CROSS JOIN LATERAL ( SELECT COALESCE(s.end_time, s.last_reading_at) AS at) ended)
  WHERE (s.deleted_at IS NULL);

COMMENT ON VIEW analytics.sessions IS 'One row per recording session that is not deleted. recording_id: the argument of this schema''s functions. user_id: analytics.users.id. session_id: the name that the phone gave it, unique per user. start_time, end_time: as the phone reported; end_time NULL: still recording. duration_s: seconds from start_time to end_time, or to the last reading as long as there is no end_time; NULL: neither is known. sample_rate: Hz that the app requested; enabled_sensors: sensors that it enabled, in its own notation; NULL: it did not say. record_count: number of readings; archived_count: how many of them were archived, so that only their rollups are left; archived_at: when that happened last, NULL: never. first_reading_at, last_reading_at: times between which its readings lie; NULL: it has none. is_uploaded: the phone reported that it has sent everything. created_at: when the server first received it; updated_at: its last change.';

CREATE FUNCTION analytics.anomaly_report(_recording bigint, _sensitivity double precision DEFAULT 3.0, _mode text DEFAULT 'global'::text, _window_s double precision DEFAULT 60) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 WITH channels AS (
          SELECT a.sensor,
             a.channel,
             a.place,
             jsonb_build_object('count', a.count, 'mean', a.mean, 'std', a.std, 'anomalies', a.anomalies, 'ratio', a.ratio, 'timestamps', ARRAY( SELECT analytics.iso_time(t.at) AS iso_time
                    FROM unnest(a.timestamps) t(at))) AS "json"
            FROM analytics.session_anomalies(anomaly_report._recording, anomaly_report._sensitivity, anomaly_report._mode, anomaly_report._window_s) a(sensor_type_id, sensor, channel, count, mean, std, anomalies, ratio, timestamps, place)
         ), sensors AS (
          SELECT c.sensor,
             ((array_agg((c."json" || jsonb_build_object('channel', c.channel)) ORDER BY c.place, c.channel))[1] || jsonb_build_object('channels', jsonb_object_agg(c.channel, c."json"))) AS "json"
            FROM channels c
           GROUP BY c.sensor
         )
  SELECT (jsonb_build_object('session_id', s.session_id, 'sensitivity', anomaly_report._sensitivity, 'mode', anomaly_report._mode, 'window_s',
         CASE
             WHEN (anomaly_report._mode = 'rolling'::text) THEN anomaly_report._window_s
             ELSE NULL::double precision
         END, 'sensors', COALESCE(( SELECT jsonb_object_agg(n.sensor, n."json") AS jsonb_object_agg
            FROM sensors n), '{}'::jsonb)) || jsonb_strip_nulls(jsonb_build_object('archived_count', NULLIF(s.archived_count, 0), 'archived_at', analytics.iso_time(s.archived_at))))
    FROM analytics.sessions s
   WHERE (s.recording_id = anomaly_report._recording);
END;

COMMENT ON FUNCTION analytics.anomaly_report(_recording bigint, _sensitivity double precision, _mode text, _window_s double precision) IS 'Returns session_anomalies() of a recording as one JSON document, the result of detect_anomalies: session_id (the client''s), sensitivity, mode, window_s (of mode rolling), sensors by name. Each sensor has its channels by name and, as its own fields, those of the first channel: magnitude, otherwise the first in the order of session_metrics(). archived_count and archived_at are present when readings were archived, which are not included. NULL: there is no such session.';

CREATE FUNCTION analytics.extra_number(_value jsonb) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT
         CASE
             WHEN (jsonb_typeof(_value) <> 'number'::text) THEN NULL::double precision
             WHEN ((_value)::numeric = (0)::numeric) THEN (0)::double precision
             WHEN ((abs((_value)::numeric) >= 0.0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001) AND (abs((_value)::numeric) <= '10000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)) THEN ((_value)::numeric)::double precision
             ELSE NULL::double precision
         END AS "case";
END;

COMMENT ON FUNCTION analytics.extra_number(_value jsonb) IS 'Returns a value of extra as a number for statistics. NULL: it is not a number, or its size is neither 0 nor between 1e-100 and 1e100.';

CREATE FUNCTION analytics.axis_value(_place integer, _axis text, _magnitude double precision, _x double precision, _y double precision, _z double precision, _value double precision, _speed double precision, _altitude double precision, _accuracy double precision, _extra jsonb) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT
         CASE _place
             WHEN 1 THEN _magnitude
             WHEN 2 THEN _x
             WHEN 3 THEN _y
             WHEN 4 THEN _z
             WHEN 5 THEN _value
             WHEN 6 THEN _speed
             WHEN 7 THEN _altitude
             WHEN 8 THEN _accuracy
             ELSE analytics.extra_number((_extra -> _axis))
         END AS extra_number;
END;

COMMENT ON FUNCTION analytics.axis_value(_place integer, _axis text, _magnitude double precision, _x double precision, _y double precision, _z double precision, _value double precision, _speed double precision, _altitude double precision, _accuracy double precision, _extra jsonb) IS 'Returns the value of a reading on an axis, given place and axis as in analytics.session_metrics(). NULL: the reading has no value on it.';

CREATE FUNCTION analytics.bucket_start(_bucket_minutes integer, _at timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT date_bin(make_interval(mins => _bucket_minutes), _at, '2000-01-03 00:00:00+00'::timestamp with time zone) AS date_bin;
END;

COMMENT ON FUNCTION analytics.bucket_start(_bucket_minutes integer, _at timestamp with time zone) IS 'Returns the start of the bucket of so many minutes that contains a time: 1 for minutes, 60 for hours, 1440 for days, all in UTC.';

CREATE TABLE app.sensor_data (
    recording_id integer NOT NULL,
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

CREATE VIEW app.stored_readings AS
 SELECT d.recording_id,
    d.sensor_type_id,
    t.name AS sensor,
    d.recorded_at,
    d.x,
    d.y,
    d.z,
    sqrt((((d.x * d.x) + (d.y * d.y)) + (d.z * d.z))) AS magnitude,
    d.value,
    t.value_key,
    d.latitude,
    d.longitude,
    d.altitude,
        CASE
            WHEN (d.accuracy >= (0)::double precision) THEN d.accuracy
            ELSE NULL::double precision
        END AS accuracy,
        CASE
            WHEN (d.speed >= (0)::double precision) THEN d.speed
            ELSE NULL::double precision
        END AS speed,
        CASE
            WHEN (d.bearing >= (0)::double precision) THEN d.bearing
            ELSE NULL::double precision
        END AS bearing,
    d.extra
   FROM (app.sensor_data d
     LEFT JOIN app.sensor_types t ON ((t.id = d.sensor_type_id)));

CREATE FUNCTION app.stored_session_readings(_recording bigint, _from timestamp with time zone, _to timestamp with time zone) RETURNS SETOF app.stored_readings
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT d.recording_id,
     d.sensor_type_id,
     d.sensor,
     d.recorded_at,
     d.x,
     d.y,
     d.z,
     d.magnitude,
     d.value,
     d.value_key,
     d.latitude,
     d.longitude,
     d.altitude,
     d.accuracy,
     d.speed,
     d.bearing,
     d.extra
    FROM app.stored_readings d
   WHERE ((d.recording_id = (stored_session_readings._recording)::integer) AND (d.recorded_at >= COALESCE(stored_session_readings._from, ( SELECT s.first_reading_at
            FROM analytics.sessions s
           WHERE (s.recording_id = stored_session_readings._recording)))) AND (d.recorded_at <= COALESCE(stored_session_readings._to, ( SELECT s.last_reading_at
            FROM analytics.sessions s
           WHERE (s.recording_id = stored_session_readings._recording)))));
END;

CREATE FUNCTION analytics.channel_values(_recording bigint, _metrics jsonb, _from timestamp with time zone DEFAULT NULL::timestamp with time zone, _to timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(sensor_type_id integer, axis text, recorded_at timestamp with time zone, value double precision, mean double precision, std double precision, min double precision, max double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT c.sensor_type_id,
     c.axis,
     d.recorded_at,
     v.value,
     c.mean,
     c.std,
     c.min,
     c.max
    FROM ((jsonb_to_recordset(
         CASE
             WHEN (EXISTS ( SELECT
                FROM analytics.sessions s
               WHERE (s.recording_id = channel_values._recording))) THEN channel_values._metrics
             ELSE NULL::jsonb
         END) c(sensor_type_id integer, axis text, place integer, is_channel boolean, mean double precision, std double precision, min double precision, max double precision)
      JOIN app.stored_session_readings(channel_values._recording, channel_values._from, channel_values._to) d(recording_id, sensor_type_id, sensor, recorded_at, x, y, z, magnitude, value, value_key, latitude, longitude, altitude, accuracy, speed, bearing, extra) ON ((d.sensor_type_id = c.sensor_type_id)))
      CROSS JOIN LATERAL ( SELECT analytics.axis_value(c.place, c.axis, d.magnitude, d.x, d.y, d.z, d.value, d.speed, d.altitude, d.accuracy, d.extra) AS value) v)
   WHERE (c.is_channel AND (c.min < c.max) AND (c.std > (0)::double precision));
END;

COMMENT ON FUNCTION analytics.channel_values(_recording bigint, _metrics jsonb, _from timestamp with time zone, _to timestamp with time zone) IS 'One row per reading and channel of a recording, with mean, std, min and max of the channel. _metrics: the rows of session_metrics() as a JSON array. Channels whose values are all equal have no rows. value NULL: the reading has no value on this channel.';

CREATE FUNCTION analytics.extra_axes(_extra jsonb, _value_key text) RETURNS TABLE(axis text, number double precision)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT e.key,
     n.number
    FROM (jsonb_each(extra_axes._extra) e(key, value)
      CROSS JOIN LATERAL ( SELECT analytics.extra_number(e.value) AS number) n)
   WHERE ((n.number IS NOT NULL) AND (e.key <> extra_axes._value_key) AND (e.key <> ALL (ARRAY['x'::text, 'y'::text, 'z'::text, 'magnitude'::text, 'latitude'::text, 'longitude'::text, 'altitude'::text, 'accuracy'::text, 'speed'::text, 'bearing'::text])));
END;

COMMENT ON FUNCTION analytics.extra_axes(_extra jsonb, _value_key text) IS 'Returns the numeric keys of extra that are axes of their own: not the names of columns nor _value_key, because what stands under these in extra is excluded from statistics, such as a latitude of 91.';

CREATE FUNCTION analytics.global_outliers(_recording bigint, _metrics jsonb, _sensitivity double precision, _from timestamp with time zone DEFAULT NULL::timestamp with time zone, _to timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(sensor_type_id integer, axis text, recorded_at timestamp with time zone)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT v.sensor_type_id,
     v.axis,
     v.recorded_at
    FROM analytics.channel_values(global_outliers._recording, global_outliers._metrics, global_outliers._from, global_outliers._to) v(sensor_type_id, axis, recorded_at, value, mean, std, min, max)
   WHERE ((abs((v.value - v.mean)) / v.std) > global_outliers._sensitivity);
END;

COMMENT ON FUNCTION analytics.global_outliers(_recording bigint, _metrics jsonb, _sensitivity double precision, _from timestamp with time zone, _to timestamp with time zone) IS 'Returns the readings of a recording that lie more than _sensitivity sample standard deviations from the mean of their channel. _metrics: the rows of session_metrics() as a JSON array. session_anomalies() counts them.';

CREATE FUNCTION analytics.haversine_m(_latitude1 double precision, _longitude1 double precision, _latitude2 double precision, _longitude2 double precision) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    BEGIN ATOMIC
 SELECT ((((2)::numeric * 6371008.8))::double precision * asin(sqrt(LEAST((1)::double precision, (power(sin((radians((_latitude2 - _latitude1)) / (2)::double precision)), (2)::double precision) + ((cos(radians(_latitude1)) * cos(radians(_latitude2))) * power(sin((radians((_longitude2 - _longitude1)) / (2)::double precision)), (2)::double precision)))))));
END;

COMMENT ON FUNCTION analytics.haversine_m(_latitude1 double precision, _longitude1 double precision, _latitude2 double precision, _longitude2 double precision) IS 'Returns the distance between two points in metres along the great circle, by the haversine formula on a sphere with the mean radius of the Earth, 6,371,008.8 m (IUGG); up to 0.6 % off the ellipsoid. Latitudes and longitudes in degrees (WGS 84). NULL when any of them is NULL.';

CREATE FUNCTION analytics.metrics_report(_recording bigint) RETURNS jsonb
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    _s analytics.sessions;
    _metrics jsonb;
    _quality jsonb;
begin
    select * into _s from analytics.sessions as s where s.recording_id = _recording;
    if not found then
        return null;
    end if;
    execute 'select jsonb_agg(to_jsonb(m)) from analytics.session_metrics($1, $2, $3) as m'
    into _metrics using _recording, _s.first_reading_at, _s.last_reading_at;
    select jsonb_agg(to_jsonb(q)) into _quality
    from analytics.session_quality(_recording, _s.first_reading_at, _s.last_reading_at) as q;
    return jsonb_build_object(
        'session_id', _s.session_id, 'record_count', _s.record_count,
        'sensors', analytics.sensors_json(_metrics, _quality)
    ) || jsonb_strip_nulls(jsonb_build_object(
        'archived_count', nullif(_s.archived_count, 0), 'archived_at', analytics.iso_time(_s.archived_at)
    ));
end
$_$;

COMMENT ON FUNCTION analytics.metrics_report(_recording bigint) IS 'Returns session_metrics() and session_quality() of a recording as one JSON document, the result of calculate_session_metrics: session_id (the client''s), record_count, sensors by name, each with count, axes and quality. archived_count and archived_at are present when readings were archived: record_count includes them, the sensors do not. NULL: there is no such session.';

CREATE FUNCTION analytics.robust_outliers(_recording bigint, _metrics jsonb, _sensitivity double precision, _from timestamp with time zone DEFAULT NULL::timestamp with time zone, _to timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(sensor_type_id integer, axis text, recorded_at timestamp with time zone)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 WITH channel_values AS MATERIALIZED (
          SELECT v_1.sensor_type_id,
             v_1.axis,
             v_1.recorded_at,
             v_1.value
            FROM analytics.channel_values(robust_outliers._recording, robust_outliers._metrics, robust_outliers._from, robust_outliers._to) v_1(sensor_type_id, axis, recorded_at, value, mean, std, min, max)
           WHERE (v_1.value IS NOT NULL)
         ), medians AS (
          SELECT v_1.sensor_type_id,
             v_1.axis,
             percentile_cont((0.5)::double precision) WITHIN GROUP (ORDER BY v_1.value) AS median
            FROM channel_values v_1
           GROUP BY v_1.sensor_type_id, v_1.axis
         ), scales AS (
          SELECT m.sensor_type_id,
             m.axis,
             m.median,
             ((1.4826)::double precision * percentile_cont((0.5)::double precision) WITHIN GROUP (ORDER BY (abs((v_1.value - m.median))))) AS scale
            FROM (medians m
              JOIN channel_values v_1 ON (((v_1.sensor_type_id = m.sensor_type_id) AND (v_1.axis = m.axis))))
           GROUP BY m.sensor_type_id, m.axis, m.median
         )
  SELECT v.sensor_type_id,
     v.axis,
     v.recorded_at
    FROM (scales s
      JOIN channel_values v ON (((v.sensor_type_id = s.sensor_type_id) AND (v.axis = s.axis))))
   WHERE ((abs((v.value - s.median)) / NULLIF(s.scale, (0)::double precision)) > robust_outliers._sensitivity);
END;

COMMENT ON FUNCTION analytics.robust_outliers(_recording bigint, _metrics jsonb, _sensitivity double precision, _from timestamp with time zone, _to timestamp with time zone) IS 'Returns the readings of a recording that lie more than _sensitivity times 1.4826 MAD from the median of their channel; MAD is the median distance from the median (Iglewicz and Hoaglin 1993). None where MAD is 0, that is where half of the values are equal. Outliers move a median less than a mean. _metrics: the rows of session_metrics() as a JSON array.';

CREATE FUNCTION analytics.rolling_outliers(_recording bigint, _metrics jsonb, _sensitivity double precision, _window_s double precision, _from timestamp with time zone DEFAULT NULL::timestamp with time zone, _to timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(sensor_type_id integer, axis text, recorded_at timestamp with time zone)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 WITH steps AS (
          SELECT v.sensor_type_id,
             v.axis,
             v.recorded_at,
             (((((v.value - v.min) / (v.max - v.min)) * ('4294967294'::bigint)::double precision) - (2147483647)::double precision))::integer AS step
            FROM analytics.channel_values(rolling_outliers._recording, rolling_outliers._metrics, rolling_outliers._from, rolling_outliers._to) v(sensor_type_id, axis, recorded_at, value, mean, std, min, max)
           WHERE (v.value IS NOT NULL)
         ), windows AS (
          SELECT s.sensor_type_id,
             s.axis,
             s.recorded_at,
             s.step,
             count(*) OVER before AS count,
             avg(s.step) OVER before AS mean,
             stddev_samp(s.step) OVER before AS std
            FROM steps s
           WINDOW before AS (PARTITION BY s.sensor_type_id, s.axis ORDER BY s.recorded_at RANGE BETWEEN make_interval(secs => rolling_outliers._window_s) PRECEDING AND '00:00:00.000001'::interval PRECEDING)
         )
  SELECT w.sensor_type_id,
     w.axis,
     w.recorded_at
    FROM windows w
   WHERE ((w.count >= 10) AND ((abs(((w.step)::numeric - w.mean)) / NULLIF(w.std, (0)::numeric)) > (rolling_outliers._sensitivity)::numeric));
END;

COMMENT ON FUNCTION analytics.rolling_outliers(_recording bigint, _metrics jsonb, _sensitivity double precision, _window_s double precision, _from timestamp with time zone, _to timestamp with time zone) IS 'Returns the readings of a recording that lie more than _sensitivity sample standard deviations from the mean of the _window_s seconds before them. None where fewer than 10 readings arrived in that time, or all were equal. Values are told apart down to a 4,294,967,294th of the range of their channel. _metrics: the rows of session_metrics() as a JSON array.';

CREATE FUNCTION analytics.rollup_lag() RETURNS TABLE(rollup text, refreshed_at timestamp with time zone, realtime_from timestamp with time zone)
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
begin
    if exists (
        select from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = '_timescaledb_catalog' and c.relname = 'continuous_agg'
    ) then
        return query execute $query$
            select
                w.name as rollup, j.last_successful_finish as refreshed_at,
                -- Before the first refresh the watermark is in the year 4714 BC.
                case when watermark.at > timestamptz '1970-01-01 00:00Z' then watermark.at end as realtime_from
            from unnest(array['minute', 'hour']) as w (name)
            join _timescaledb_catalog.continuous_agg as c
                on c.user_view_schema = 'app' and c.user_view_name = w.name || '_partials'
            join _timescaledb_catalog.hypertable as h on h.id = c.mat_hypertable_id
            cross join lateral (
                select _timescaledb_functions.to_timestamp(_timescaledb_functions.cagg_watermark(h.id)) as at
            ) as watermark
            left join timescaledb_information.job_stats as j
                on j.hypertable_schema = h.schema_name and j.hypertable_name = h.table_name
        $query$;
        if found then
            return;
        end if;
    end if;
    return query select w.name, now(), null::timestamptz from unnest(array['minute', 'hour']) as w (name);
end
$_$;

COMMENT ON FUNCTION analytics.rollup_lag() IS 'How far the rollups are behind the readings: one row per width that is refreshed, minute and hour; days are merged from hours. refreshed_at: when the last scheduled refresh ended; NULL: there was none yet. realtime_from: buckets from this time on are computed from the stored readings whenever they are read; NULL: all are. A reading that arrived after refreshed_at for a bucket before realtime_from appears in it after the next refresh. Only TimescaleDB Community refreshes; on other editions refreshed_at is now and realtime_from is NULL.';

CREATE AGGREGATE analytics.moments(double precision) (
    SFUNC = float8_accum,
    STYPE = double precision[],
    INITCOND = '{0,0,0}',
    COMBINEFUNC = float8_combine,
    PARALLEL = safe
);

COMMENT ON AGGREGATE analytics.moments(double precision) IS 'Count, sum and sum of squared deviations from the mean of the values that are not NULL, as {n, sum, m2}; {0, 0, 0} without values. float8_avg() and float8_stddev_samp() compute mean and sample standard deviation from it; analytics.merged_moments() merges several.';

CREATE FUNCTION analytics.sensor_intervals(_recording bigint, _sensor_type_id integer, _gap_s double precision, _from timestamp with time zone DEFAULT NULL::timestamp with time zone, _to timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(sensor_type_id integer, even double precision[], gap_count bigint, max_gap_s double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 WITH intervals AS MATERIALIZED (
          SELECT analytics.moments(i_1.interval_s) FILTER (WHERE ((i_1.interval_s <= sensor_intervals._gap_s) OR (sensor_intervals._gap_s IS NULL))) AS even,
             count(*) FILTER (WHERE (i_1.interval_s > sensor_intervals._gap_s)) AS gap_count,
             max(i_1.interval_s) AS max_gap_s
            FROM ( SELECT date_part('epoch'::text, (d.recorded_at - lag(d.recorded_at) OVER (ORDER BY d.recorded_at))) AS interval_s
                    FROM app.stored_session_readings(sensor_intervals._recording, sensor_intervals._from, sensor_intervals._to) d(recording_id, sensor_type_id, sensor, recorded_at, x, y, z, magnitude, value, value_key, latitude, longitude, altitude, accuracy, speed, bearing, extra)
                   WHERE (d.sensor_type_id = sensor_intervals._sensor_type_id)) i_1
         )
  SELECT sensor_intervals._sensor_type_id AS _sensor_type_id,
     i.even,
     i.gap_count,
     i.max_gap_s
    FROM (analytics.sessions s
      CROSS JOIN intervals i)
   WHERE (s.recording_id = sensor_intervals._recording);
END;

COMMENT ON FUNCTION analytics.sensor_intervals(_recording bigint, _sensor_type_id integer, _gap_s double precision, _from timestamp with time zone, _to timestamp with time zone) IS 'The intervals between consecutive readings of one sensor of a recording. even: {n, sum, m2} in seconds, as by analytics.moments(), of the intervals up to _gap_s (of all when it is NULL); gap_count: number of longer ones; max_gap_s: the longest of all, in seconds. session_quality() is easier to read.';

CREATE AGGREGATE analytics.merged_moments(double precision[]) (
    SFUNC = float8_combine,
    STYPE = double precision[],
    COMBINEFUNC = float8_combine,
    PARALLEL = safe
);

COMMENT ON AGGREGATE analytics.merged_moments(double precision[]) IS 'Merges results of analytics.moments() over separate readings into the result over all of them. NULLs are skipped; NULL: there was nothing else.';

CREATE TABLE app.archived_ranges (
    recording_id bigint NOT NULL,
    sensor_type_id integer NOT NULL,
    from_at timestamp with time zone NOT NULL,
    until_at timestamp with time zone NOT NULL,
    CONSTRAINT archived_ranges_check CHECK ((until_at > from_at))
);

CREATE TABLE app.archived_rollups (
    bucket_minutes integer NOT NULL,
    sensor_type_id integer NOT NULL,
    recording_id integer NOT NULL,
    bucket timestamp with time zone NOT NULL,
    count bigint NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    x_moments double precision[],
    x_min double precision,
    x_max double precision,
    y_moments double precision[],
    y_min double precision,
    y_max double precision,
    z_moments double precision[],
    z_min double precision,
    z_max double precision,
    magnitude_moments double precision[],
    magnitude_min double precision,
    magnitude_max double precision,
    value_moments double precision[],
    value_min double precision,
    value_max double precision,
    speed_moments double precision[],
    speed_min double precision,
    speed_max double precision,
    CONSTRAINT archived_rollups_bucket_minutes_check CHECK ((bucket_minutes = ANY (ARRAY[1, 60, 1440])))
);

CREATE VIEW app.hour_partials AS
 SELECT sensor_type_id,
    recording_id,
    date_bin('01:00:00'::interval, recorded_at, '2000-01-03 00:00:00+00'::timestamp with time zone) AS bucket,
    count(*) AS count,
    min(recorded_at) AS first_at,
    max(recorded_at) AS last_at,
        CASE
            WHEN (count(x) > 0) THEN ARRAY[(count(x))::double precision, sum(x), regr_sxx(x, x)]
            ELSE NULL::double precision[]
        END AS x_moments,
    min(x) AS x_min,
    max(x) AS x_max,
        CASE
            WHEN (count(y) > 0) THEN ARRAY[(count(y))::double precision, sum(y), regr_sxx(y, y)]
            ELSE NULL::double precision[]
        END AS y_moments,
    min(y) AS y_min,
    max(y) AS y_max,
        CASE
            WHEN (count(z) > 0) THEN ARRAY[(count(z))::double precision, sum(z), regr_sxx(z, z)]
            ELSE NULL::double precision[]
        END AS z_moments,
    min(z) AS z_min,
    max(z) AS z_max,
        CASE
            WHEN (count(sqrt((((x * x) + (y * y)) + (z * z)))) > 0) THEN ARRAY[(count(sqrt((((x * x) + (y * y)) + (z * z)))))::double precision, sum(sqrt((((x * x) + (y * y)) + (z * z)))), regr_sxx(sqrt((((x * x) + (y * y)) + (z * z))), sqrt((((x * x) + (y * y)) + (z * z))))]
            ELSE NULL::double precision[]
        END AS magnitude_moments,
    min(sqrt((((x * x) + (y * y)) + (z * z)))) AS magnitude_min,
    max(sqrt((((x * x) + (y * y)) + (z * z)))) AS magnitude_max,
        CASE
            WHEN (count(value) > 0) THEN ARRAY[(count(value))::double precision, sum(value), regr_sxx(value, value)]
            ELSE NULL::double precision[]
        END AS value_moments,
    min(value) AS value_min,
    max(value) AS value_max,
        CASE
            WHEN (count(
            CASE
                WHEN (speed >= (0)::double precision) THEN speed
                ELSE NULL::double precision
            END) > 0) THEN ARRAY[(count(
            CASE
                WHEN (speed >= (0)::double precision) THEN speed
                ELSE NULL::double precision
            END))::double precision, sum(
            CASE
                WHEN (speed >= (0)::double precision) THEN speed
                ELSE NULL::double precision
            END), regr_sxx(
            CASE
                WHEN (speed >= (0)::double precision) THEN speed
                ELSE NULL::double precision
            END,
            CASE
                WHEN (speed >= (0)::double precision) THEN speed
                ELSE NULL::double precision
            END)]
            ELSE NULL::double precision[]
        END AS speed_moments,
    min(
        CASE
            WHEN (speed >= (0)::double precision) THEN speed
            ELSE NULL::double precision
        END) AS speed_min,
    max(
        CASE
            WHEN (speed >= (0)::double precision) THEN speed
            ELSE NULL::double precision
        END) AS speed_max
   FROM app.sensor_data
  GROUP BY sensor_type_id, recording_id, (date_bin('01:00:00'::interval, recorded_at, '2000-01-03 00:00:00+00'::timestamp with time zone));

CREATE VIEW app.day_partials AS
 SELECT sensor_type_id,
    recording_id,
    analytics.bucket_start(1440, bucket) AS bucket,
    (sum(count))::bigint AS count,
    min(first_at) AS first_at,
    max(last_at) AS last_at,
    analytics.merged_moments(x_moments) AS x_moments,
    min(x_min) AS x_min,
    max(x_max) AS x_max,
    analytics.merged_moments(y_moments) AS y_moments,
    min(y_min) AS y_min,
    max(y_max) AS y_max,
    analytics.merged_moments(z_moments) AS z_moments,
    min(z_min) AS z_min,
    max(z_max) AS z_max,
    analytics.merged_moments(magnitude_moments) AS magnitude_moments,
    min(magnitude_min) AS magnitude_min,
    max(magnitude_max) AS magnitude_max,
    analytics.merged_moments(value_moments) AS value_moments,
    min(value_min) AS value_min,
    max(value_max) AS value_max,
    analytics.merged_moments(speed_moments) AS speed_moments,
    min(speed_min) AS speed_min,
    max(speed_max) AS speed_max
   FROM app.hour_partials h
  GROUP BY sensor_type_id, recording_id, (analytics.bucket_start(1440, bucket));

CREATE VIEW app.minute_partials AS
 SELECT sensor_type_id,
    recording_id,
    date_bin('00:01:00'::interval, recorded_at, '2000-01-03 00:00:00+00'::timestamp with time zone) AS bucket,
    count(*) AS count,
    min(recorded_at) AS first_at,
    max(recorded_at) AS last_at,
        CASE
            WHEN (count(x) > 0) THEN ARRAY[(count(x))::double precision, sum(x), regr_sxx(x, x)]
            ELSE NULL::double precision[]
        END AS x_moments,
    min(x) AS x_min,
    max(x) AS x_max,
        CASE
            WHEN (count(y) > 0) THEN ARRAY[(count(y))::double precision, sum(y), regr_sxx(y, y)]
            ELSE NULL::double precision[]
        END AS y_moments,
    min(y) AS y_min,
    max(y) AS y_max,
        CASE
            WHEN (count(z) > 0) THEN ARRAY[(count(z))::double precision, sum(z), regr_sxx(z, z)]
            ELSE NULL::double precision[]
        END AS z_moments,
    min(z) AS z_min,
    max(z) AS z_max,
        CASE
            WHEN (count(sqrt((((x * x) + (y * y)) + (z * z)))) > 0) THEN ARRAY[(count(sqrt((((x * x) + (y * y)) + (z * z)))))::double precision, sum(sqrt((((x * x) + (y * y)) + (z * z)))), regr_sxx(sqrt((((x * x) + (y * y)) + (z * z))), sqrt((((x * x) + (y * y)) + (z * z))))]
            ELSE NULL::double precision[]
        END AS magnitude_moments,
    min(sqrt((((x * x) + (y * y)) + (z * z)))) AS magnitude_min,
    max(sqrt((((x * x) + (y * y)) + (z * z)))) AS magnitude_max,
        CASE
            WHEN (count(value) > 0) THEN ARRAY[(count(value))::double precision, sum(value), regr_sxx(value, value)]
            ELSE NULL::double precision[]
        END AS value_moments,
    min(value) AS value_min,
    max(value) AS value_max,
        CASE
            WHEN (count(
            CASE
                WHEN (speed >= (0)::double precision) THEN speed
                ELSE NULL::double precision
            END) > 0) THEN ARRAY[(count(
            CASE
                WHEN (speed >= (0)::double precision) THEN speed
                ELSE NULL::double precision
            END))::double precision, sum(
            CASE
                WHEN (speed >= (0)::double precision) THEN speed
                ELSE NULL::double precision
            END), regr_sxx(
            CASE
                WHEN (speed >= (0)::double precision) THEN speed
                ELSE NULL::double precision
            END,
            CASE
                WHEN (speed >= (0)::double precision) THEN speed
                ELSE NULL::double precision
            END)]
            ELSE NULL::double precision[]
        END AS speed_moments,
    min(
        CASE
            WHEN (speed >= (0)::double precision) THEN speed
            ELSE NULL::double precision
        END) AS speed_min,
    max(
        CASE
            WHEN (speed >= (0)::double precision) THEN speed
            ELSE NULL::double precision
        END) AS speed_max
   FROM app.sensor_data
  GROUP BY sensor_type_id, recording_id, (date_bin('00:01:00'::interval, recorded_at, '2000-01-03 00:00:00+00'::timestamp with time zone));

CREATE VIEW analytics.rollup_partials AS
 SELECT recording_id,
    sensor_type_id,
    bucket_minutes,
    bucket,
    is_archived,
    count,
    first_at,
    last_at,
    x_moments,
    x_min,
    x_max,
    y_moments,
    y_min,
    y_max,
    z_moments,
    z_min,
    z_max,
    magnitude_moments,
    magnitude_min,
    magnitude_max,
    value_moments,
    value_min,
    value_max,
    speed_moments,
    speed_min,
    speed_max
   FROM ( SELECT false AS is_archived,
            stored.bucket_minutes,
            stored.sensor_type_id,
            stored.recording_id,
            stored.bucket,
            stored.count,
            stored.first_at,
            stored.last_at,
            stored.x_moments,
            stored.x_min,
            stored.x_max,
            stored.y_moments,
            stored.y_min,
            stored.y_max,
            stored.z_moments,
            stored.z_min,
            stored.z_max,
            stored.magnitude_moments,
            stored.magnitude_min,
            stored.magnitude_max,
            stored.value_moments,
            stored.value_min,
            stored.value_max,
            stored.speed_moments,
            stored.speed_min,
            stored.speed_max
           FROM ( SELECT 1 AS bucket_minutes,
                    m.sensor_type_id,
                    m.recording_id,
                    m.bucket,
                    m.count,
                    m.first_at,
                    m.last_at,
                    m.x_moments,
                    m.x_min,
                    m.x_max,
                    m.y_moments,
                    m.y_min,
                    m.y_max,
                    m.z_moments,
                    m.z_min,
                    m.z_max,
                    m.magnitude_moments,
                    m.magnitude_min,
                    m.magnitude_max,
                    m.value_moments,
                    m.value_min,
                    m.value_max,
                    m.speed_moments,
                    m.speed_min,
                    m.speed_max
                   FROM app.minute_partials m
                UNION ALL
                 SELECT 60,
                    h.sensor_type_id,
                    h.recording_id,
                    h.bucket,
                    h.count,
                    h.first_at,
                    h.last_at,
                    h.x_moments,
                    h.x_min,
                    h.x_max,
                    h.y_moments,
                    h.y_min,
                    h.y_max,
                    h.z_moments,
                    h.z_min,
                    h.z_max,
                    h.magnitude_moments,
                    h.magnitude_min,
                    h.magnitude_max,
                    h.value_moments,
                    h.value_min,
                    h.value_max,
                    h.speed_moments,
                    h.speed_min,
                    h.speed_max
                   FROM app.hour_partials h
                UNION ALL
                 SELECT 1440,
                    d.sensor_type_id,
                    d.recording_id,
                    d.bucket,
                    d.count,
                    d.first_at,
                    d.last_at,
                    d.x_moments,
                    d.x_min,
                    d.x_max,
                    d.y_moments,
                    d.y_min,
                    d.y_max,
                    d.z_moments,
                    d.z_min,
                    d.z_max,
                    d.magnitude_moments,
                    d.magnitude_min,
                    d.magnitude_max,
                    d.value_moments,
                    d.value_min,
                    d.value_max,
                    d.speed_moments,
                    d.speed_min,
                    d.speed_max
                   FROM app.day_partials d) stored
          WHERE (NOT (EXISTS ( SELECT
                   FROM app.archived_ranges r
                  WHERE ((r.recording_id = stored.recording_id) AND (r.sensor_type_id = stored.sensor_type_id) AND (stored.bucket >= r.from_at) AND (stored.bucket < r.until_at)))))
        UNION ALL
         SELECT true,
            a.bucket_minutes,
            a.sensor_type_id,
            a.recording_id,
            a.bucket,
            a.count,
            a.first_at,
            a.last_at,
            a.x_moments,
            a.x_min,
            a.x_max,
            a.y_moments,
            a.y_min,
            a.y_max,
            a.z_moments,
            a.z_min,
            a.z_max,
            a.magnitude_moments,
            a.magnitude_min,
            a.magnitude_max,
            a.value_moments,
            a.value_min,
            a.value_max,
            a.speed_moments,
            a.speed_min,
            a.speed_max
           FROM app.archived_rollups a) p
  WHERE (EXISTS ( SELECT
           FROM app.recording_sessions s
          WHERE ((s.id = p.recording_id) AND (s.deleted_at IS NULL))));

COMMENT ON VIEW analytics.rollup_partials IS 'One row per recording, sensor type and bucket that has readings: what can be merged into means and deviations of any longer time. bucket_minutes: width of the bucket, 1 (minute), 60 (hour) or 1440 (UTC day): always ask for one of them. bucket: start of the bucket. recording_id: analytics.sessions.recording_id; sensor_type_id: as in analytics.session_sensors. is_archived: the readings of the bucket were archived, only their rollups are left. count: number of readings; first_at, last_at: times of the first and the last one. Of each axis the moments, {count, sum, sum of squared deviations from the mean}, the smallest and the largest value, in the unit the phone sent: x_moments, x_min, x_max, y_moments, y_min, y_max, z_moments, z_min, z_max; magnitude_moments, magnitude_min, magnitude_max of sqrt(x2 + y2 + z2); value_moments, value_min, value_max of the value of a sensor with one value; speed_moments, speed_min, speed_max in m/s. NULL: no reading in the bucket has a value on that axis. analytics.rollup_minute, rollup_hour and rollup_day show means and deviations. On TimescaleDB Community late readings appear after the next refresh: see rollup_lag().';

CREATE VIEW app.rollups AS
 SELECT p.bucket_minutes,
    p.is_archived,
    s.user_id,
    p.recording_id,
    p.sensor_type_id,
    t.name AS sensor,
    p.bucket,
    p.count AS readings,
    (((p.count - 1))::double precision / NULLIF(date_part('epoch'::text, (p.last_at - p.first_at)), (0)::double precision)) AS rate_hz,
    a.place,
    a.axis,
    (a.moments[1])::bigint AS count,
    float8_avg(a.moments) AS mean,
    float8_stddev_samp(a.moments) AS std,
    a.min,
    a.max,
    a.moments
   FROM (((analytics.rollup_partials p
     JOIN app.recording_sessions s ON ((s.id = p.recording_id)))
     JOIN app.sensor_types t ON ((t.id = p.sensor_type_id)))
     CROSS JOIN LATERAL ( VALUES (1,'magnitude'::text,p.magnitude_moments,p.magnitude_min,p.magnitude_max), (2,'x'::text,p.x_moments,p.x_min,p.x_max), (3,'y'::text,p.y_moments,p.y_min,p.y_max), (4,'z'::text,p.z_moments,p.z_min,p.z_max), (5,t.value_key,p.value_moments,p.value_min,p.value_max), (6,'speed'::text,p.speed_moments,p.speed_min,p.speed_max)) a(place, axis, moments, min, max))
  WHERE (a.moments IS NOT NULL);

CREATE VIEW analytics.rollup_minute AS
 SELECT user_id,
    recording_id,
    sensor_type_id,
    sensor,
    bucket,
    readings,
    rate_hz,
    place,
    axis,
    count,
    mean,
    std,
    min,
    max,
    moments
   FROM app.rollups r
  WHERE (bucket_minutes = 1);

COMMENT ON VIEW analytics.rollup_minute IS 'Mean and deviation per minute: one row per recording, sensor, minute and axis that has values, archived readings included. user_id: analytics.users.id; recording_id: analytics.sessions.recording_id; sensor_type_id, sensor: as in analytics.session_sensors. bucket: start of the minute. readings: number of readings of the sensor in it; rate_hz: (readings - 1) / seconds from the first to the last reading, NULL for one reading. axis: as in session_metrics(); place: its position in lists. count: number of values; mean, std (sample standard deviation, NULL for one value), min, max: in the unit the phone sent. moments: {n, sum, m2} as by analytics.moments(); float8_avg(analytics.merged_moments(moments)) and float8_stddev_samp(analytics.merged_moments(moments)) are mean and deviation of any rows together, whatever their buckets, sensors and recordings; a mean of means would be wrong.';

CREATE TABLE app.users (
    id bigint NOT NULL,
    username text,
    email text,
    name text,
    password_hash text,
    role text DEFAULT 'user'::text NOT NULL,
    timezone text NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT users_role_check CHECK ((role = ANY (ARRAY['user'::text, 'admin'::text])))
);

CREATE VIEW analytics.users AS
 SELECT id,
    timezone,
    created_at
   FROM app.users u;

COMMENT ON VIEW analytics.users IS 'One row per user, without name and e-mail. id: the argument of the functions per user. timezone: IANA name of the time zone in which the days of user_sessions() and user_statistics() begin. created_at: when the account was created.';

CREATE FUNCTION analytics.sensor_local_day(_recording bigint, _timezone text DEFAULT NULL::text) RETURNS TABLE(day date, sensor text, axis text, count bigint, mean double precision, std double precision, min double precision, max double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT local.day,
     m.sensor,
     m.axis,
     (sum(m.count))::bigint AS count,
     float8_avg(analytics.merged_moments(m.moments)) AS mean,
     float8_stddev_samp(analytics.merged_moments(m.moments)) AS std,
     min(m.min) AS min,
     max(m.max) AS max
    FROM ((analytics.rollup_minute m
      JOIN analytics.users u ON ((u.id = m.user_id)))
      CROSS JOIN LATERAL ( SELECT ((m.bucket AT TIME ZONE COALESCE(sensor_local_day._timezone, u.timezone)))::date AS day) local)
   WHERE (m.recording_id = sensor_local_day._recording)
   GROUP BY local.day, m.sensor, m.place, m.axis
   ORDER BY local.day, m.sensor, m.place, m.axis;
END;

COMMENT ON FUNCTION analytics.sensor_local_day(_recording bigint, _timezone text) IS 'Mean and deviation of a recording per day of a time zone (IANA name; by default that of the user): one row per day, sensor and axis, with columns as in analytics.rollup_day. Archived readings are included.';

CREATE TABLE app.reading_changes (
    recording_id bigint NOT NULL,
    sensor_type_id integer NOT NULL,
    change_no bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    from_at timestamp with time zone NOT NULL,
    to_at timestamp with time zone NOT NULL,
    device_key bigint
);

CREATE VIEW analytics.session_sensors AS
 SELECT c.recording_id,
    c.sensor_type_id,
    t.name AS sensor,
    t.value_key,
    min(c.from_at) AS from_at,
    max(c.to_at) AS to_at
   FROM ((app.reading_changes c
     JOIN app.sensor_types t ON ((t.id = c.sensor_type_id)))
     JOIN app.recording_sessions s ON (((s.id = c.recording_id) AND (s.deleted_at IS NULL))))
  GROUP BY c.recording_id, c.sensor_type_id, t.name, t.value_key;

COMMENT ON VIEW analytics.session_sensors IS 'One row per recording and sensor. recording_id: analytics.sessions.recording_id. sensor: name of the sensor; sensor_type_id: its number. value_key: the key under which the phone sends what readings hold in value (pressure, heart_rate, ...). from_at, to_at: times between which its readings lie, archived ones included.';

CREATE FUNCTION analytics.sensor_rates(_recording bigint, _from timestamp with time zone DEFAULT NULL::timestamp with time zone, _to timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(sensor_type_id integer, sensor text, first_at timestamp with time zone, last_at timestamp with time zone, median_interval_s double precision, expected_hz double precision, expected_from text, outside_count bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT n.sensor_type_id,
     n.sensor,
     ends.first_at,
     ends.last_at,
     start.median_interval_s,
         CASE
             WHEN rate.is_requested THEN session.sample_rate
             ELSE ((1)::double precision / start.median_interval_s)
         END AS expected_hz,
         CASE
             WHEN rate.is_requested THEN 'sample_rate'::text
             WHEN (start.median_interval_s > (0)::double precision) THEN 'median_interval'::text
             ELSE NULL::text
         END AS expected_from,
     ends.outside_count
    FROM ((((analytics.sessions session
      JOIN analytics.session_sensors n ON ((n.recording_id = session.recording_id)))
      CROSS JOIN LATERAL ( SELECT percentile_cont((0.5)::double precision) WITHIN GROUP (ORDER BY i.interval_s) AS median_interval_s
            FROM ( SELECT date_part('epoch'::text, (d.recorded_at - lag(d.recorded_at) OVER (ORDER BY d.recorded_at))) AS interval_s
                    FROM app.stored_session_readings(sensor_rates._recording, sensor_rates._from, sensor_rates._to) d(recording_id, sensor_type_id, sensor, recorded_at, x, y, z, magnitude, value, value_key, latitude, longitude, altitude, accuracy, speed, bearing, extra)
                   WHERE (d.sensor_type_id = n.sensor_type_id)
                   ORDER BY d.recorded_at
                  LIMIT 10001) i) start)
      CROSS JOIN LATERAL ( SELECT (((session.sample_rate >= (0.000001)::double precision) AND (session.sample_rate <= ('1000000'::numeric)::double precision)) AND COALESCE((((start.median_interval_s * session.sample_rate) >= ((1.0 / (3)::numeric))::double precision) AND ((start.median_interval_s * session.sample_rate) <= (3)::double precision)), true)) AS is_requested) rate)
      CROSS JOIN LATERAL ( SELECT ( SELECT d.recorded_at
                    FROM app.stored_session_readings(sensor_rates._recording, sensor_rates._from, sensor_rates._to) d(recording_id, sensor_type_id, sensor, recorded_at, x, y, z, magnitude, value, value_key, latitude, longitude, altitude, accuracy, speed, bearing, extra)
                   WHERE (d.sensor_type_id = n.sensor_type_id)
                   ORDER BY d.recorded_at
                  LIMIT 1) AS first_at,
             ( SELECT d.recorded_at
                    FROM app.stored_session_readings(sensor_rates._recording, sensor_rates._from, sensor_rates._to) d(recording_id, sensor_type_id, sensor, recorded_at, x, y, z, magnitude, value, value_key, latitude, longitude, altitude, accuracy, speed, bearing, extra)
                   WHERE (d.sensor_type_id = n.sensor_type_id)
                   ORDER BY d.recorded_at DESC
                  LIMIT 1) AS last_at,
             (( SELECT count(*) AS count
                    FROM app.stored_session_readings(sensor_rates._recording, sensor_rates._from, sensor_rates._to) d(recording_id, sensor_type_id, sensor, recorded_at, x, y, z, magnitude, value, value_key, latitude, longitude, altitude, accuracy, speed, bearing, extra)
                   WHERE ((d.sensor_type_id = n.sensor_type_id) AND (d.recorded_at < session.start_time))) + ( SELECT count(*) AS count
                    FROM app.stored_session_readings(sensor_rates._recording, sensor_rates._from, sensor_rates._to) d(recording_id, sensor_type_id, sensor, recorded_at, x, y, z, magnitude, value, value_key, latitude, longitude, altitude, accuracy, speed, bearing, extra)
                   WHERE ((d.sensor_type_id = n.sensor_type_id) AND (d.recorded_at > session.end_time)))) AS outside_count) ends)
   WHERE ((session.recording_id = sensor_rates._recording) AND (ends.first_at IS NOT NULL));
END;

COMMENT ON FUNCTION analytics.sensor_rates(_recording bigint, _from timestamp with time zone, _to timestamp with time zone) IS 'Between which times, and at which rate, each sensor of a recording should have recorded: one row per sensor. expected_hz: the sample_rate of the session (expected_from = sample_rate). A sensor whose median interval is more than three times longer or shorter runs at a rate of its own, as barometers and GPS do; then, and when no sample_rate was sent, it is 1 / median_interval_s (expected_from = median_interval). median_interval_s: median of the first 10,000 intervals. NULL: neither is known. first_at, last_at: times of the first and last reading. outside_count: number of readings before start_time or after end_time of the session.';

CREATE FUNCTION analytics.sensors_json(_metrics jsonb, _quality jsonb) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT COALESCE(jsonb_object_agg((q.value ->> 'sensor'::text), jsonb_build_object('count', (q.value -> 'count'::text), 'axes', COALESCE(axes."json", '{}'::jsonb), 'quality', ((q.value - '{sensor_type_id,sensor,count}'::text[]) || jsonb_build_object('first_at', analytics.iso_time(((q.value ->> 'first_at'::text))::timestamp with time zone), 'last_at', analytics.iso_time(((q.value ->> 'last_at'::text))::timestamp with time zone))))), '{}'::jsonb) AS "coalesce"
    FROM (jsonb_array_elements(sensors_json._quality) q(value)
      CROSS JOIN LATERAL ( SELECT jsonb_object_agg((m.value ->> 'axis'::text), (m.value - '{sensor_type_id,sensor,axis,is_channel,place}'::text[])) AS "json"
            FROM jsonb_array_elements(sensors_json._metrics) m(value)
           WHERE ((m.value -> 'sensor_type_id'::text) = (q.value -> 'sensor_type_id'::text))) axes);
END;

COMMENT ON FUNCTION analytics.sensors_json(_metrics jsonb, _quality jsonb) IS 'Returns the rows of session_metrics() and session_quality(), each given as a JSON array, as one object: sensors by name, each with count, axes and quality.';

CREATE FUNCTION analytics.session_analysis(_recording bigint, _sensitivity double precision DEFAULT 3.0, _accuracy_max_m double precision DEFAULT 20) RETURNS jsonb
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    _s analytics.sessions;
    _metrics jsonb;
    _quality jsonb;
    _computed jsonb;
begin
    select * into _s from analytics.sessions as s where s.recording_id = _recording;
    if not found then
        return null;
    end if;
    execute 'select jsonb_agg(to_jsonb(m)) from analytics.session_metrics($1, $2, $3) as m'
    into _metrics using _recording, _s.first_reading_at, _s.last_reading_at;
    select jsonb_agg(to_jsonb(q)) into _quality
    from analytics.session_quality(_recording, _s.first_reading_at, _s.last_reading_at) as q;
    execute $query$
        with outliers as materialized (
            select o.sensor_type_id, o.axis, count(*) as count
            from analytics.global_outliers($1, $4, $5, $2, $3) as o
            group by o.sensor_type_id, o.axis
        ),
        anomalies as (
            select distinct on (m.sensor)
                m.sensor, coalesce(o.count, 0) as count, coalesce(o.count, 0) / m.count::double precision as ratio
            from jsonb_to_recordset($4) as m (
                sensor_type_id integer, sensor text, axis text, count bigint, place integer, is_channel boolean
            )
            left join outliers as o on o.sensor_type_id = m.sensor_type_id and o.axis = m.axis
            where m.is_channel
            order by m.sensor, m.place, m.axis
        ),
        distance as (
            select d.sensor, d.raw_m, d.gated_m, $6 as accuracy_max_m, d.fixes, d.fixes_used
            from analytics.session_distance($1, $6, _from => $2, _to => $3) as d
            order by d.fixes desc, d.sensor
            limit 1
        )
        select jsonb_build_object(
            'distance', (select to_jsonb(d) from distance as d),
            'anomalies', coalesce(
                (select jsonb_object_agg(a.sensor, to_jsonb(a) - 'sensor') from anomalies as a), '{}'
            )
        )
    $query$ into _computed
    using _recording, _s.first_reading_at, _s.last_reading_at, _metrics, _sensitivity, _accuracy_max_m;
    return jsonb_build_object(
        'session_id', _s.session_id, 'duration_s', _s.duration_s, 'record_count', _s.record_count,
        'complete_as_of', analytics.iso_time(_s.updated_at), 'sensitivity', _sensitivity,
        'sensors', analytics.sensors_json(_metrics, _quality)
    ) || _computed || jsonb_strip_nulls(jsonb_build_object(
        'archived_count', nullif(_s.archived_count, 0), 'archived_at', analytics.iso_time(_s.archived_at)
    ));
end
$_$;

COMMENT ON FUNCTION analytics.session_analysis(_recording bigint, _sensitivity double precision, _accuracy_max_m double precision) IS 'Returns everything about a recording as one JSON document, the result of analyze_sensor_data: session_id (the client''s), duration_s, record_count, complete_as_of (the last change that is included), sensors by name with count, axes (session_metrics()) and quality (session_quality()), distance (session_distance() of the sensor with most fixes; null without any), anomalies by sensor: count and ratio of session_anomalies() on its first channel. archived_count and archived_at are present when readings were archived: record_count includes them, everything else does not. NULL: there is no such session.';

CREATE FUNCTION analytics.session_distance(_recording bigint, _accuracy_max_m double precision DEFAULT 20, _max_gap_s double precision DEFAULT 60, _from timestamp with time zone DEFAULT NULL::timestamp with time zone, _to timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(sensor_type_id integer, sensor text, raw_m double precision, gated_m double precision, fixes bigint, fixes_used bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 WITH positioning AS (
          SELECT n.sensor_type_id,
             n.sensor
            FROM analytics.session_sensors n
           WHERE ((n.recording_id = session_distance._recording) AND (EXISTS ( SELECT
                    FROM ( SELECT (d.latitude + d.longitude) AS is_known
                            FROM app.stored_session_readings(session_distance._recording, session_distance._from, session_distance._to) d(recording_id, sensor_type_id, sensor, recorded_at, x, y, z, magnitude, value, value_key, latitude, longitude, altitude, accuracy, speed, bearing, extra)
                           WHERE (d.sensor_type_id = n.sensor_type_id)
                           ORDER BY d.recorded_at
                          LIMIT 1000) first
                   WHERE (first.is_known IS NOT NULL))))
         ), fixes AS (
          SELECT p.sensor_type_id,
             p.sensor,
             d.recorded_at,
             d.latitude,
             d.longitude,
             COALESCE((d.accuracy <= session_distance._accuracy_max_m), true) AS is_used
            FROM (positioning p
              JOIN app.stored_session_readings(session_distance._recording, session_distance._from, session_distance._to) d(recording_id, sensor_type_id, sensor, recorded_at, x, y, z, magnitude, value, value_key, latitude, longitude, altitude, accuracy, speed, bearing, extra) ON ((d.sensor_type_id = p.sensor_type_id)))
           WHERE ((d.latitude IS NOT NULL) AND (d.longitude IS NOT NULL))
         ), steps AS (
          SELECT f.sensor_type_id,
             f.sensor,
             g.is_gated,
                 CASE
                     WHEN (date_part('epoch'::text, (f.recorded_at - lag(f.recorded_at) OVER track)) <= session_distance._max_gap_s) THEN analytics.haversine_m(lag(f.latitude) OVER track, lag(f.longitude) OVER track, f.latitude, f.longitude)
                     ELSE NULL::double precision
                 END AS step_m
            FROM (fixes f
              CROSS JOIN ( VALUES (false), (true)) g(is_gated))
           WHERE (f.is_used OR (NOT g.is_gated))
           WINDOW track AS (PARTITION BY f.sensor_type_id, g.is_gated ORDER BY f.recorded_at)
         )
  SELECT t.sensor_type_id,
     t.sensor,
     COALESCE(sum(t.step_m) FILTER (WHERE (NOT t.is_gated)), (0)::double precision) AS raw_m,
     COALESCE(sum(t.step_m) FILTER (WHERE t.is_gated), (0)::double precision) AS gated_m,
     count(*) FILTER (WHERE (NOT t.is_gated)) AS fixes,
     count(*) FILTER (WHERE t.is_gated) AS fixes_used
    FROM steps t
   GROUP BY t.sensor_type_id, t.sensor
   ORDER BY t.sensor;
END;

COMMENT ON FUNCTION analytics.session_distance(_recording bigint, _accuracy_max_m double precision, _max_gap_s double precision, _from timestamp with time zone, _to timestamp with time zone) IS 'How far the phone moved during a recording: one row per sensor with coordinates (in one of its first 1,000 readings), in metres along its fixes in the order of time, by haversine_m(). Fixes more than _max_gap_s seconds apart are not joined. raw_m: all fixes; gated_m: without those whose accuracy is worse than _accuracy_max_m metres (NULL: no limit), which noise of a phone at rest inflates less. Fixes of unknown accuracy are used. fixes: number of them; fixes_used: how many passed. 0 m: there was nothing to join. No row: no sensor has coordinates.';

CREATE FUNCTION app.column_moments(_recording bigint, _from timestamp with time zone DEFAULT NULL::timestamp with time zone, _to timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(sensor_type_id integer, with_other bigint, x double precision[], x_min double precision, x_max double precision, y double precision[], y_min double precision, y_max double precision, z double precision[], z_min double precision, z_max double precision, magnitude double precision[], magnitude_min double precision, magnitude_max double precision, value double precision[], value_min double precision, value_max double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT d.sensor_type_id,
     (count(COALESCE(d.altitude, d.accuracy, d.speed)) + count(d.extra)) AS with_other,
     analytics.moments(d.x) AS x,
     min(d.x) AS x_min,
     max(d.x) AS x_max,
     analytics.moments(d.y) AS y,
     min(d.y) AS y_min,
     max(d.y) AS y_max,
     analytics.moments(d.z) AS z,
     min(d.z) AS z_min,
     max(d.z) AS z_max,
     analytics.moments(d.magnitude) AS magnitude,
     sqrt(min((((d.x * d.x) + (d.y * d.y)) + (d.z * d.z)))) AS magnitude_min,
     sqrt(max((((d.x * d.x) + (d.y * d.y)) + (d.z * d.z)))) AS magnitude_max,
     analytics.moments(d.value) AS value,
     min(d.value) AS value_min,
     max(d.value) AS value_max
    FROM app.stored_session_readings(column_moments._recording, column_moments._from, column_moments._to) d(recording_id, sensor_type_id, sensor, recorded_at, x, y, z, magnitude, value, value_key, latitude, longitude, altitude, accuracy, speed, bearing, extra)
   GROUP BY d.sensor_type_id;
END;

CREATE FUNCTION app.extra_axis_limit() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT 32;
END;

CREATE FUNCTION app.other_moments(_recording bigint, _sensor_type_ids integer[], _from timestamp with time zone DEFAULT NULL::timestamp with time zone, _to timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(sensor_type_id integer, axis text, moments double precision[], min double precision, max double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 WITH found AS (
          SELECT d.sensor_type_id,
             other.axis,
             analytics.moments(other.number) AS moments,
             min(other.number) AS min,
             max(other.number) AS max,
             row_number() OVER (PARTITION BY d.sensor_type_id, other.is_extra ORDER BY (count(*)) DESC, (other.axis COLLATE "C")) AS place
            FROM (app.stored_session_readings(other_moments._recording, other_moments._from, other_moments._to) d(recording_id, sensor_type_id, sensor, recorded_at, x, y, z, magnitude, value, value_key, latitude, longitude, altitude, accuracy, speed, bearing, extra)
              CROSS JOIN LATERAL ( SELECT c.axis,
                     c.number,
                     false AS is_extra
                    FROM ( VALUES ('speed'::text,d.speed), ('altitude'::text,d.altitude), ('accuracy'::text,d.accuracy)) c(axis, number)
                 UNION ALL
                  SELECT e.axis,
                     e.number,
                     true
                    FROM analytics.extra_axes(d.extra, d.value_key) e(axis, number)) other)
           WHERE ((d.sensor_type_id = ANY (other_moments._sensor_type_ids)) AND (other.number IS NOT NULL))
           GROUP BY d.sensor_type_id, other.axis, other.is_extra
         )
  SELECT found.sensor_type_id,
     found.axis,
     found.moments,
     found.min,
     found.max
    FROM found
   WHERE (found.place <= app.extra_axis_limit());
END;

CREATE FUNCTION analytics.session_metrics(_recording bigint, _from timestamp with time zone DEFAULT NULL::timestamp with time zone, _to timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(sensor_type_id integer, sensor text, axis text, count bigint, mean double precision, std double precision, min double precision, max double precision, peak_to_peak double precision, is_channel boolean, place integer)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 WITH columns AS MATERIALIZED (
          SELECT m.sensor_type_id,
             m.with_other,
             m.x,
             m.x_min,
             m.x_max,
             m.y,
             m.y_min,
             m.y_max,
             m.z,
             m.z_min,
             m.z_max,
             m.magnitude,
             m.magnitude_min,
             m.magnitude_max,
             m.value,
             m.value_min,
             m.value_max
            FROM app.column_moments(session_metrics._recording, session_metrics._from, session_metrics._to) m(sensor_type_id, with_other, x, x_min, x_max, y, y_min, y_max, z, z_min, z_max, magnitude, magnitude_min, magnitude_max, value, value_min, value_max)
         ), axes AS (
          SELECT c.sensor_type_id,
             a_1.axis,
             a_1.moments,
             a_1.min,
             a_1.max,
             a_1.place
            FROM ((columns c
              JOIN analytics.session_sensors s_1 ON (((s_1.recording_id = session_metrics._recording) AND (s_1.sensor_type_id = c.sensor_type_id))))
              CROSS JOIN LATERAL ( VALUES ('magnitude'::text,c.magnitude,c.magnitude_min,c.magnitude_max,1), ('x'::text,c.x,c.x_min,c.x_max,2), ('y'::text,c.y,c.y_min,c.y_max,3), ('z'::text,c.z,c.z_min,c.z_max,4), (s_1.value_key,c.value,c.value_min,c.value_max,5)) a_1(axis, moments, min, max, place))
           WHERE (NOT ((a_1.place = 5) AND (a_1.axis = 'magnitude'::text) AND (c.magnitude[1] > (0)::double precision)))
         UNION ALL
          SELECT o.sensor_type_id,
             o.axis,
             o.moments,
             o.min,
             o.max,
                 CASE o.axis
                     WHEN 'speed'::text THEN 6
                     WHEN 'altitude'::text THEN 7
                     WHEN 'accuracy'::text THEN 8
                     ELSE 9
                 END AS "case"
            FROM (( SELECT array_agg(c.sensor_type_id) AS ids
                    FROM columns c
                   WHERE (c.with_other > 0)) others
              CROSS JOIN LATERAL app.other_moments(session_metrics._recording, others.ids, session_metrics._from, session_metrics._to) o(sensor_type_id, axis, moments, min, max))
           WHERE (others.ids IS NOT NULL)
         )
  SELECT a.sensor_type_id,
     s.sensor,
     a.axis,
     (a.moments[1])::bigint AS count,
         CASE
             WHEN (a.min = a.max) THEN a.min
             ELSE float8_avg(a.moments)
         END AS mean,
         CASE
             WHEN ((a.min < a.max) OR (a.moments[1] = (1)::double precision)) THEN float8_stddev_samp(a.moments)
             ELSE (0)::double precision
         END AS std,
     a.min,
     a.max,
     (a.max - a.min) AS peak_to_peak,
     ((a.place <> ALL (ARRAY[2, 3, 4])) OR (NOT COALESCE(bool_or((a.place = 1)) OVER (PARTITION BY a.sensor_type_id), false))) AS is_channel,
     a.place
    FROM (axes a
      JOIN analytics.session_sensors s ON (((s.recording_id = session_metrics._recording) AND (s.sensor_type_id = a.sensor_type_id))))
   WHERE (a.moments[1] > (0)::double precision)
   ORDER BY s.sensor, a.place, a.axis;
END;

COMMENT ON FUNCTION analytics.session_metrics(_recording bigint, _from timestamp with time zone, _to timestamp with time zone) IS 'What each sensor of a recording measured: one row per sensor and axis. count: number of values; mean, std (sample standard deviation, n - 1), min, max, peak_to_peak (max - min): in the unit the phone sent; std NULL: a single value. Axes: x, y, z, magnitude (sqrt(x2 + y2 + z2), of readings that have all three), the value of sensors with one (named as the phone calls it: pressure, heart_rate, ...), speed, altitude, accuracy, and the numeric keys of extra (the 32 that most readings have; size 0 or 1e-100 to 1e100). is_channel: session_anomalies() examines it (not x, y, z of a sensor with a magnitude). place: the order in which axes are shown. Latitude, longitude and bearing have no row: they wrap around, so their mean has no meaning. _from, _to: only readings between these times.';

CREATE FUNCTION analytics.session_quality(_recording bigint, _from timestamp with time zone DEFAULT NULL::timestamp with time zone, _to timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(sensor_type_id integer, sensor text, count bigint, first_at timestamp with time zone, last_at timestamp with time zone, achieved_hz double precision, expected_hz double precision, expected_from text, expected_count bigint, coverage double precision, gap_count bigint, max_gap_s double precision, jitter_ms double precision, outside_count bigint)
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    _gap_intervals constant integer := 3;
    _rates jsonb;
    _intervals text;
begin
    select coalesce(_from, s.first_reading_at), coalesce(_to, s.last_reading_at) into _from, _to
    from analytics.sessions as s where s.recording_id = _recording;
    execute 'select jsonb_agg(to_jsonb(r)) from analytics.sensor_rates($1, $2, $3) as r'
    into _rates using _recording, _from, _to;
    select string_agg(
        format(
            'select i.* from analytics.sensor_intervals($1, %s, %L, $2, $3) as i',
            r.sensor_type_id, _gap_intervals / r.expected_hz
        ),
        ' union all '
    )
    into _intervals
    from jsonb_to_recordset(_rates) as r (sensor_type_id integer, expected_hz double precision);
    if _intervals is null then
        return;
    end if;
    return query execute format(
        $query$
        with intervals as materialized (%s)
        select r.sensor_type_id, r.sensor, total.count, r.first_at, r.last_at,
            (total.count - 1) / nullif(span.seconds, 0) as achieved_hz, r.expected_hz, r.expected_from,
            expected.count as expected_count, total.count / expected.count::double precision as coverage,
            i.gap_count, i.max_gap_s, float8_stddev_samp(i.even) * 1000 as jitter_ms, r.outside_count
        from jsonb_to_recordset($4) as r (
            sensor_type_id integer, sensor text, first_at timestamptz, last_at timestamptz,
            expected_hz double precision, expected_from text, outside_count bigint
        )
        join intervals as i on i.sensor_type_id = r.sensor_type_id
        cross join lateral (select 1 + i.even[1]::bigint + i.gap_count as count) as total
        cross join lateral (select date_part('epoch', r.last_at - r.first_at) as seconds) as span
        cross join lateral (select (round(span.seconds * r.expected_hz) + 1)::bigint as count) as expected
        order by r.sensor
        $query$,
        _intervals
    ) using _recording, _from, _to, _rates;
end
$_$;

COMMENT ON FUNCTION analytics.session_quality(_recording bigint, _from timestamp with time zone, _to timestamp with time zone) IS 'How complete and how even the readings of each sensor of a recording are: one row per sensor. count: number of readings; first_at, last_at: times of the first and the last. achieved_hz: (count - 1) / seconds between them. expected_hz, expected_from: see sensor_rates(). expected_count: number of readings in that time at that rate; coverage: count / expected_count; 1 is complete, more means that the phone was faster. gap_count: number of pauses longer than 3 expected intervals; max_gap_s: the longest pause between two readings, in seconds. jitter_ms: sample standard deviation of the intervals that are not gaps. outside_count: number of readings before start_time or after end_time of the session. NULL: one reading has no interval, and without a rate nothing is expected. _from, _to: only readings between these times.';

CREATE VIEW analytics.readings AS
 SELECT recording_id,
    sensor_type_id,
    sensor,
    recorded_at,
    x,
    y,
    z,
    magnitude,
    value,
    value_key,
    latitude,
    longitude,
    altitude,
    accuracy,
    speed,
    bearing,
    extra
   FROM app.stored_readings r
  WHERE (NOT (recording_id IN ( SELECT s.id
           FROM app.recording_sessions s
          WHERE ((s.deleted_at IS NOT NULL) AND (s.erased_at IS NULL)))));

COMMENT ON VIEW analytics.readings IS 'One row per reading. recording_id: analytics.sessions.recording_id; ask for one of them and a range of recorded_at (session_readings() does), otherwise all chunks are read. sensor: name of the sensor; sensor_type_id: its number. x, y, z: axes, in the unit of the sensor; magnitude: sqrt(x2 + y2 + z2). value: of a sensor with one value; value_key: name of that value. latitude, longitude: degrees; altitude, accuracy: metres; speed: m/s; bearing: degrees. NULL: not sent, or unknown, which phones report as a negative accuracy, speed or bearing. extra: everything else that was sent.';

CREATE FUNCTION analytics.session_readings(_recording bigint, _from timestamp with time zone DEFAULT NULL::timestamp with time zone, _to timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS SETOF analytics.readings
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT d.recording_id,
     d.sensor_type_id,
     d.sensor,
     d.recorded_at,
     d.x,
     d.y,
     d.z,
     d.magnitude,
     d.value,
     d.value_key,
     d.latitude,
     d.longitude,
     d.altitude,
     d.accuracy,
     d.speed,
     d.bearing,
     d.extra
    FROM app.stored_session_readings(session_readings._recording, session_readings._from, session_readings._to) d(recording_id, sensor_type_id, sensor, recorded_at, x, y, z, magnitude, value, value_key, latitude, longitude, altitude, accuracy, speed, bearing, extra)
   WHERE (EXISTS ( SELECT
            FROM analytics.sessions s
           WHERE (s.recording_id = session_readings._recording)));
END;

COMMENT ON FUNCTION analytics.session_readings(_recording bigint, _from timestamp with time zone, _to timestamp with time zone) IS 'The readings of a recording, as in analytics.readings, from _from to _to, both included; NULL: from its first, to its last. No rows: there is no such session, it was deleted, or it has no readings in that time.';

CREATE FUNCTION analytics.session_series(_recording bigint, _sensor text, _from timestamp with time zone DEFAULT NULL::timestamp with time zone, _to timestamp with time zone DEFAULT NULL::timestamp with time zone, _points integer DEFAULT 1000) RETURNS TABLE(at timestamp with time zone, axis text, count bigint, min double precision, max double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 WITH span AS (
          SELECT n.sensor_type_id,
             n.value_key,
             t.from_at,
             t.to_at,
             w.width_s,
             (w.width_s >= (600)::double precision) AS is_coarse
            FROM ((analytics.session_sensors n
              CROSS JOIN LATERAL ( SELECT COALESCE(session_series._from, n.from_at) AS from_at,
                     COALESCE(session_series._to, n.to_at) AS to_at) t)
              CROSS JOIN LATERAL ( SELECT (GREATEST(date_part('epoch'::text, (t.to_at - t.from_at)), (0.000001)::double precision) / (session_series._points)::double precision) AS width_s) w)
           WHERE ((n.recording_id = session_series._recording) AND (n.sensor = session_series._sensor) AND (session_series._points > 0))
         ), minutes AS (
          SELECT LEAST(GREATEST((floor((date_part('epoch'::text, (m.bucket - span_1.from_at)) / span_1.width_s)))::integer, 0), (session_series._points - 1)) AS bucket,
             m.axis,
             m.count,
             m.min,
             m.max
            FROM (span span_1
              CROSS JOIN LATERAL ( SELECT r.bucket,
                     r.axis,
                     r.count,
                     r.min,
                     r.max
                    FROM app.rollups r
                   WHERE ((r.bucket_minutes = 1) AND (r.recording_id = session_series._recording) AND (r.sensor_type_id = span_1.sensor_type_id) AND (r.bucket > (span_1.from_at - '00:01:00'::interval)) AND (r.bucket <= span_1.to_at) AND (r.is_archived OR span_1.is_coarse))
                  OFFSET 0) m)
         ), readings AS NOT MATERIALIZED (
          SELECT d.recording_id,
             d.sensor_type_id,
             d.sensor,
             d.recorded_at,
             d.x,
             d.y,
             d.z,
             d.magnitude,
             d.value,
             d.value_key,
             d.latitude,
             d.longitude,
             d.altitude,
             d.accuracy,
             d.speed,
             d.bearing,
             d.extra,
             span_1.value_key AS key,
             span_1.is_coarse,
             LEAST((floor((date_part('epoch'::text, (d.recorded_at - span_1.from_at)) / span_1.width_s)))::integer, (session_series._points - 1)) AS bucket
            FROM (span span_1
              JOIN app.stored_session_readings(session_series._recording, session_series._from, session_series._to) d(recording_id, sensor_type_id, sensor, recorded_at, x, y, z, magnitude, value, value_key, latitude, longitude, altitude, accuracy, speed, bearing, extra) ON ((d.sensor_type_id = span_1.sensor_type_id)))
           WHERE ((NOT span_1.is_coarse) OR (COALESCE(d.altitude, d.accuracy) IS NOT NULL) OR (d.extra IS NOT NULL))
         ), columns AS (
          SELECT r.bucket,
             r.key,
             r.is_coarse,
             count(r.magnitude) AS n1,
             min(r.magnitude) AS min1,
             max(r.magnitude) AS max1,
             count(r.x) AS n2,
             min(r.x) AS min2,
             max(r.x) AS max2,
             count(r.y) AS n3,
             min(r.y) AS min3,
             max(r.y) AS max3,
             count(r.z) AS n4,
             min(r.z) AS min4,
             max(r.z) AS max4,
             count(r.value) AS n5,
             min(r.value) AS min5,
             max(r.value) AS max5,
             count(r.speed) AS n6,
             min(r.speed) AS min6,
             max(r.speed) AS max6,
             count(r.altitude) AS n7,
             min(r.altitude) AS min7,
             max(r.altitude) AS max7,
             count(r.accuracy) AS n8,
             min(r.accuracy) AS min8,
             max(r.accuracy) AS max8
            FROM readings r
           GROUP BY r.bucket, r.key, r.is_coarse
         ), extras AS (
          SELECT r.bucket,
             e.axis,
             count(*) AS count,
             min(e.number) AS min,
             max(e.number) AS max
            FROM (readings r
              CROSS JOIN LATERAL analytics.extra_axes(r.extra, r.key) e(axis, number))
           WHERE (r.extra IS NOT NULL)
           GROUP BY r.bucket, e.axis
         ), points AS (
          SELECT c.bucket,
             a.axis,
             a.count,
             a.min,
             a.max
            FROM (columns c
              CROSS JOIN LATERAL ( VALUES ('magnitude'::text,c.n1,c.min1,c.max1), ('x'::text,c.n2,c.min2,c.max2), ('y'::text,c.n3,c.min3,c.max3), ('z'::text,c.n4,c.min4,c.max4), (c.key,c.n5,c.min5,c.max5), ('speed'::text,c.n6,c.min6,c.max6), ('altitude'::text,c.n7,c.min7,c.max7), ('accuracy'::text,c.n8,c.min8,c.max8)) a(axis, count, min, max))
           WHERE ((a.count > 0) AND ((NOT c.is_coarse) OR (a.axis = ANY (ARRAY['altitude'::text, 'accuracy'::text]))))
         UNION ALL
          SELECT m.bucket,
             m.axis,
             m.count,
             m.min,
             m.max
            FROM minutes m
         UNION ALL
          SELECT e.bucket,
             e.axis,
             e.count,
             e.min,
             e.max
            FROM extras e
           WHERE (e.axis IN ( SELECT m.axis
                    FROM extras m
                   GROUP BY m.axis
                   ORDER BY (sum(m.count)) DESC, (m.axis COLLATE "C")
                  LIMIT app.extra_axis_limit()))
         )
  SELECT (span.from_at + make_interval(secs => (span.width_s * (p.bucket)::double precision))) AS at,
     p.axis,
     (sum(p.count))::bigint AS count,
     min(p.min) AS min,
     max(p.max) AS max
    FROM (points p
      CROSS JOIN span)
   GROUP BY span.from_at, span.width_s, p.bucket, p.axis
   ORDER BY p.bucket, p.axis;
END;

COMMENT ON FUNCTION analytics.session_series(_recording bigint, _sensor text, _from timestamp with time zone, _to timestamp with time zone, _points integer) IS 'One sensor of a recording as a chart needs it: the time from _from to _to (by default all of it) is cut into _points equal parts. One row per part and axis that has values: at: start of the part; count: number of values; min, max: in the unit the phone sent. Axes are named as by session_metrics(); of the keys of extra the 32 that most readings have in that time. Parts of ten minutes or longer, and archived days, are drawn from whole minutes, each where it begins; archived days have no altitude, accuracy and keys of extra any more.';

CREATE FUNCTION analytics.user_sessions(_user bigint, _from date DEFAULT NULL::date, _to date DEFAULT NULL::date) RETURNS SETOF analytics.sessions
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT s.recording_id,
     s.user_id,
     s.session_id,
     s.start_time,
     s.end_time,
     s.duration_s,
     s.sample_rate,
     s.enabled_sensors,
     s.record_count,
     s.first_reading_at,
     s.last_reading_at,
     s.is_uploaded,
     s.created_at,
     s.updated_at,
     s.archived_at,
     s.archived_count
    FROM ((analytics.users u
      JOIN analytics.sessions s ON ((s.user_id = u.id)))
      CROSS JOIN LATERAL ( SELECT ((now() AT TIME ZONE u.timezone))::date AS date) today)
   WHERE ((u.id = user_sessions._user) AND (s.start_time >= ((COALESCE(user_sessions._from, (COALESCE(user_sessions._to, today.date) - 29)))::timestamp without time zone AT TIME ZONE u.timezone)) AND (s.start_time < (((COALESCE(user_sessions._to, today.date) + 1))::timestamp without time zone AT TIME ZONE u.timezone)));
END;

COMMENT ON FUNCTION analytics.user_sessions(_user bigint, _from date, _to date) IS 'The sessions of a user, as in analytics.sessions, that began on the days from _from to _to, both included, in the time zone of the user. _to NULL: today; _from NULL: 30 days in all.';

CREATE FUNCTION analytics.user_anomalies(_user bigint, _from date DEFAULT NULL::date, _to date DEFAULT NULL::date, _sensitivity double precision DEFAULT 3.0, _mode text DEFAULT 'global'::text, _window_s double precision DEFAULT 60) RETURNS TABLE(recording_id bigint, sensor text, channel text, count bigint, anomalies bigint, ratio double precision, timestamps timestamp with time zone[])
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT s.recording_id,
     a.sensor,
     a.channel,
     a.count,
     a.anomalies,
     a.ratio,
     a.timestamps
    FROM (analytics.user_sessions(user_anomalies._user, user_anomalies._from, user_anomalies._to) s(recording_id, user_id, session_id, start_time, end_time, duration_s, sample_rate, enabled_sensors, record_count, first_reading_at, last_reading_at, is_uploaded, created_at, updated_at, archived_at, archived_count)
      CROSS JOIN LATERAL analytics.session_anomalies(s.recording_id, user_anomalies._sensitivity, user_anomalies._mode, user_anomalies._window_s) a(sensor_type_id, sensor, channel, count, mean, std, anomalies, ratio, timestamps, place))
   ORDER BY s.recording_id, a.sensor, a.place, a.channel;
END;

COMMENT ON FUNCTION analytics.user_anomalies(_user bigint, _from date, _to date, _sensitivity double precision, _mode text, _window_s double precision) IS 'session_anomalies() of each recording of a user from _from to _to, as user_sessions() finds them. recording_id: analytics.sessions.recording_id. Each recording is measured by its own means and deviations.';

CREATE FUNCTION analytics.user_distance(_user bigint, _from date DEFAULT NULL::date, _to date DEFAULT NULL::date, _accuracy_max_m double precision DEFAULT 20, _max_gap_s double precision DEFAULT 60) RETURNS TABLE(recording_id bigint, sensor text, raw_m double precision, gated_m double precision, fixes bigint, fixes_used bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT s.recording_id,
     d.sensor,
     d.raw_m,
     d.gated_m,
     d.fixes,
     d.fixes_used
    FROM (analytics.user_sessions(user_distance._user, user_distance._from, user_distance._to) s(recording_id, user_id, session_id, start_time, end_time, duration_s, sample_rate, enabled_sensors, record_count, first_reading_at, last_reading_at, is_uploaded, created_at, updated_at, archived_at, archived_count)
      CROSS JOIN LATERAL analytics.session_distance(s.recording_id, user_distance._accuracy_max_m, user_distance._max_gap_s) d(sensor_type_id, sensor, raw_m, gated_m, fixes, fixes_used))
   ORDER BY s.recording_id, d.sensor;
END;

COMMENT ON FUNCTION analytics.user_distance(_user bigint, _from date, _to date, _accuracy_max_m double precision, _max_gap_s double precision) IS 'session_distance() of each recording of a user from _from to _to, as user_sessions() finds them. recording_id: analytics.sessions.recording_id.';

CREATE FUNCTION app.recorded_seconds(_readings bigint, _first_at timestamp with time zone, _last_at timestamp with time zone) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT
         CASE
             WHEN (_readings > 1) THEN LEAST((60)::double precision, ((date_part('epoch'::text, (_last_at - _first_at)) * (_readings)::double precision) / ((_readings - 1))::double precision))
             ELSE NULL::double precision
         END AS "case";
END;

CREATE FUNCTION analytics.user_local_day(_user bigint, _from date DEFAULT NULL::date, _to date DEFAULT NULL::date) RETURNS TABLE(day date, sensor text, sessions bigint, readings bigint, active_minutes bigint, distance_m double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT local.day,
     t.sensor,
     count(DISTINCT s.recording_id) AS sessions,
     (sum(m.count))::bigint AS readings,
     count(DISTINCT m.bucket) AS active_minutes,
     sum((float8_avg(m.speed_moments) * app.recorded_seconds(m.count, m.first_at, m.last_at))) AS distance_m
    FROM ((((((analytics.users u
      CROSS JOIN LATERAL ( SELECT ((now() AT TIME ZONE u.timezone))::date AS date) today)
      CROSS JOIN LATERAL ( SELECT ((COALESCE(user_local_day._from, (COALESCE(user_local_day._to, today.date) - 29)))::timestamp without time zone AT TIME ZONE u.timezone) AS from_at,
             (((COALESCE(user_local_day._to, today.date) + 1))::timestamp without time zone AT TIME ZONE u.timezone) AS until_at) days)
      JOIN analytics.sessions s ON (((s.user_id = u.id) AND (s.last_reading_at >= days.from_at) AND (s.first_reading_at < days.until_at))))
      CROSS JOIN LATERAL ( SELECT n.sensor_type_id,
             n.sensor
            FROM analytics.session_sensors n
           WHERE (n.recording_id = s.recording_id)
          OFFSET 0) t)
      CROSS JOIN LATERAL ( SELECT p.bucket,
             p.count,
             p.first_at,
             p.last_at,
             p.speed_moments
            FROM analytics.rollup_partials p
           WHERE ((p.bucket_minutes = 1) AND (p.recording_id = s.recording_id) AND (p.sensor_type_id = t.sensor_type_id) AND (p.bucket >= days.from_at) AND (p.bucket < days.until_at))
          OFFSET 0) m)
      CROSS JOIN LATERAL ( SELECT ((m.bucket AT TIME ZONE u.timezone))::date AS day) local)
   WHERE (u.id = user_local_day._user)
   GROUP BY local.day, t.sensor
   ORDER BY local.day, t.sensor;
END;

COMMENT ON FUNCTION analytics.user_local_day(_user bigint, _from date, _to date) IS 'What a user recorded per day of their own time zone: one row per day and sensor from _from to _to, both included, from rollups, archived readings included. _to NULL: today; _from NULL: 30 days in all. A reading counts on the day it was recorded, whenever its session began. sessions: recordings with readings of the sensor on that day; readings: number of them; active_minutes: minutes that have any; distance_m: metres as in analytics.sensor_distance, NULL for a sensor without speed.';

CREATE FUNCTION analytics.user_metrics(_user bigint, _from date DEFAULT NULL::date, _to date DEFAULT NULL::date) RETURNS TABLE(recording_id bigint, sensor text, axis text, count bigint, mean double precision, std double precision, min double precision, max double precision, peak_to_peak double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT s.recording_id,
     m.sensor,
     m.axis,
     m.count,
     m.mean,
     m.std,
     m.min,
     m.max,
     m.peak_to_peak
    FROM (analytics.user_sessions(user_metrics._user, user_metrics._from, user_metrics._to) s(recording_id, user_id, session_id, start_time, end_time, duration_s, sample_rate, enabled_sensors, record_count, first_reading_at, last_reading_at, is_uploaded, created_at, updated_at, archived_at, archived_count)
      CROSS JOIN LATERAL analytics.session_metrics(s.recording_id) m(sensor_type_id, sensor, axis, count, mean, std, min, max, peak_to_peak, is_channel, place))
   ORDER BY s.recording_id, m.sensor, m.place, m.axis;
END;

COMMENT ON FUNCTION analytics.user_metrics(_user bigint, _from date, _to date) IS 'session_metrics() of each recording of a user from _from to _to, as user_sessions() finds them. recording_id: analytics.sessions.recording_id.';

CREATE FUNCTION analytics.user_quality(_user bigint, _from date DEFAULT NULL::date, _to date DEFAULT NULL::date) RETURNS TABLE(recording_id bigint, sensor text, count bigint, achieved_hz double precision, expected_hz double precision, coverage double precision, gap_count bigint, max_gap_s double precision, jitter_ms double precision, outside_count bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT s.recording_id,
     q.sensor,
     q.count,
     q.achieved_hz,
     q.expected_hz,
     q.coverage,
     q.gap_count,
     q.max_gap_s,
     q.jitter_ms,
     q.outside_count
    FROM (analytics.user_sessions(user_quality._user, user_quality._from, user_quality._to) s(recording_id, user_id, session_id, start_time, end_time, duration_s, sample_rate, enabled_sensors, record_count, first_reading_at, last_reading_at, is_uploaded, created_at, updated_at, archived_at, archived_count)
      CROSS JOIN LATERAL analytics.session_quality(s.recording_id) q(sensor_type_id, sensor, count, first_at, last_at, achieved_hz, expected_hz, expected_from, expected_count, coverage, gap_count, max_gap_s, jitter_ms, outside_count))
   ORDER BY s.recording_id, q.sensor;
END;

COMMENT ON FUNCTION analytics.user_quality(_user bigint, _from date, _to date) IS 'session_quality() of each recording of a user from _from to _to, as user_sessions() finds them. recording_id: analytics.sessions.recording_id.';

CREATE FUNCTION analytics.user_statistics(_user bigint, _from date DEFAULT NULL::date, _to date DEFAULT NULL::date, _accuracy_max_m double precision DEFAULT 20) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 WITH found AS MATERIALIZED (
          SELECT s.recording_id,
             s.record_count,
             s.duration_s
            FROM analytics.user_sessions(user_statistics._user, user_statistics._from, user_statistics._to) s(recording_id, user_id, session_id, start_time, end_time, duration_s, sample_rate, enabled_sensors, record_count, first_reading_at, last_reading_at, is_uploaded, created_at, updated_at, archived_at, archived_count)
         ), usage AS (
          SELECT n.sensor,
             count(*) AS sessions
            FROM (found found_1
              JOIN analytics.session_sensors n ON ((n.recording_id = found_1.recording_id)))
           GROUP BY n.sensor
         ), distances AS (
          SELECT DISTINCT ON (found_1.recording_id) d.gated_m
            FROM (found found_1
              CROSS JOIN LATERAL analytics.session_distance(found_1.recording_id, user_statistics._accuracy_max_m) d(sensor_type_id, sensor, raw_m, gated_m, fixes, fixes_used))
           ORDER BY found_1.recording_id, d.fixes DESC, d.sensor
         )
  SELECT jsonb_build_object('total_sessions', count(*), 'total_records', COALESCE(sum(found.record_count), (0)::numeric), 'total_duration_s', COALESCE(sum(found.duration_s), (0)::double precision), 'mean_duration_s', avg(found.duration_s), 'distance_m', ( SELECT COALESCE(sum(d.gated_m), (0)::double precision) AS "coalesce"
            FROM distances d), 'accuracy_max_m', user_statistics._accuracy_max_m, 'sensor_usage', ( SELECT COALESCE(jsonb_object_agg(u.sensor, u.sessions), '{}'::jsonb) AS "coalesce"
            FROM usage u)) AS jsonb_build_object
    FROM found
  HAVING (EXISTS ( SELECT
            FROM analytics.users u
           WHERE (u.id = user_statistics._user)));
END;

COMMENT ON FUNCTION analytics.user_statistics(_user bigint, _from date, _to date, _accuracy_max_m double precision) IS 'Returns what a user recorded between two days as one JSON document, the result of generate_statistics: total_sessions that began on the days of user_sessions(), their total_records (readings), total_duration_s and mean_duration_s (seconds from start to end, or to the last reading; a session without readings that has not ended counts in neither; mean_duration_s is null without sessions), distance_m (gated_m of session_distance() at accuracy_max_m, of the sensor with most fixes of each recording), sensor_usage: in how many of these sessions each sensor recorded. NULL: there is no such user.';

CREATE FUNCTION app.abandoned_sessions(_cutoff timestamp with time zone) RETURNS TABLE(id bigint)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT s.id
    FROM app.recording_sessions s
   WHERE ((s.deleted_at IS NULL) AND (s.end_time IS NULL) AND (s.last_push_at < abandoned_sessions._cutoff));
END;

CREATE TABLE app.devices (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    device_id text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_push_at timestamp with time zone,
    last_pull_at timestamp with time zone,
    revoked_at timestamp with time zone
);

CREATE TABLE app.logins (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id bigint NOT NULL,
    device_key bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone
);

CREATE FUNCTION app.active_login(_login_id uuid) RETURNS TABLE(user_id bigint, role text, device_key bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT u.id,
     u.role,
     d.id
    FROM ((app.logins l
      JOIN app.users u ON ((u.id = l.user_id)))
      JOIN app.devices d ON ((d.id = l.device_key)))
   WHERE ((l.id = active_login._login_id) AND (l.revoked_at IS NULL) AND (d.revoked_at IS NULL) AND u.is_active);
END;

CREATE TABLE app.maintenance_runs (
    id bigint NOT NULL,
    task text NOT NULL,
    job_id uuid,
    arguments jsonb NOT NULL,
    is_dry_run boolean NOT NULL,
    cutoff_at timestamp with time zone,
    status text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    host_started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    resume_after bigint DEFAULT 0 NOT NULL,
    session_count bigint DEFAULT 0 NOT NULL,
    rows_freed bigint DEFAULT 0 NOT NULL,
    bytes_freed bigint DEFAULT 0 NOT NULL,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    error text,
    CONSTRAINT maintenance_runs_status_check CHECK ((status = ANY (ARRAY['running'::text, 'paused'::text, 'completed'::text, 'failed'::text, 'unconfirmed'::text])))
);

CREATE FUNCTION app.advance_run(_id bigint, _rows bigint, _bytes bigint, _sessions bigint DEFAULT 0, _recording_id bigint DEFAULT 0) RETURNS void
    LANGUAGE sql
    BEGIN ATOMIC
 UPDATE app.maintenance_runs SET rows_freed = (maintenance_runs.rows_freed + advance_run._rows), bytes_freed = (maintenance_runs.bytes_freed + advance_run._bytes), session_count = (maintenance_runs.session_count + advance_run._sessions), resume_after = GREATEST(maintenance_runs.resume_after, advance_run._recording_id)
   WHERE (maintenance_runs.id = advance_run._id);
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
        select * into _now from app.next_change(_user_id, 0);
        update app.recording_sessions
        set notes = _notes, change_no = _now.change_no, updated_at = _now.changed_at
        where id = _session.id;
    end if;
    return true;
end
$$;

CREATE FUNCTION app.apply_retention() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    _schema text := app.timescaledb_schema();
    _logs interval := (select make_interval(days => r.days) from app.retention as r where r.name = 'sync-logs');
    _columnar interval := (select make_interval(days => r.days) from app.retention as r where r.name = 'columnstore');
    _tomorrow timestamptz := clock_timestamp() + interval '1 day';
begin
    if not app.has_policies() then
        return;
    end if;
    if app.policy_age('policy_retention', 'sync_logs') is distinct from _logs then
        execute format(
            'select %1$I.remove_retention_policy(''app.sync_logs'', if_exists => true);'
            ' select %1$I.add_retention_policy(''app.sync_logs'', drop_after => %2$L::interval, initial_start => %3$L)',
            _schema, _logs, _tomorrow
        );
    end if;
    -- NULL: there is no columnstore.
    if app.policy_age('policy_compression', 'sensor_data') <> _columnar then
        execute format('call %I.remove_columnstore_policy(''app.sensor_data'')', _schema);
        execute format(
            'call %I.add_columnstore_policy(''app.sensor_data'', after => %L::interval, initial_start => %L)',
            _schema, _columnar, _tomorrow
        );
    end if;
    -- Each run reads the ceiling, so the job is created once.
    execute format(
        'select %I.add_job(''app.enforce_ceiling'', ''1 day'', initial_start => %L)'
        ' where not exists ('
        '     select from timescaledb_information.jobs where proc_schema = ''app'' and proc_name = ''enforce_ceiling'''
        ' )',
        _schema, _tomorrow
    );
end
$_$;

CREATE FUNCTION app.archive_days(_recording_id bigint) RETURNS void
    LANGUAGE sql
    BEGIN ATOMIC
 WITH days AS (
          SELECT r.sensor_type_id,
             r.bucket,
             (r.bucket - ('24:00:00'::interval * (row_number() OVER (PARTITION BY r.sensor_type_id ORDER BY r.bucket))::double precision)) AS run
            FROM app.archived_rollups r
           WHERE ((r.recording_id = archive_days._recording_id) AND (r.bucket_minutes = 1440) AND (NOT (EXISTS ( SELECT
                    FROM app.archived_ranges a
                   WHERE ((a.recording_id = r.recording_id) AND (a.sensor_type_id = r.sensor_type_id) AND (r.bucket >= a.from_at) AND (r.bucket < a.until_at))))))
         )
  INSERT INTO app.archived_ranges (recording_id, sensor_type_id, from_at, until_at)  SELECT archive_days._recording_id AS _recording_id,
             days.sensor_type_id,
             min(days.bucket) AS min,
             (max(days.bucket) + '24:00:00'::interval)
            FROM days
           GROUP BY days.sensor_type_id, days.run;
END;

CREATE FUNCTION app.archive_old_session(_id bigint, _cutoff timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

CREATE FUNCTION app.archive_readings(_recording_id bigint) RETURNS TABLE(readings bigint, rollups bigint)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
declare
    _session app.recording_sessions;
    _change record;
    _rolled_up bigint;
begin
    perform app.lift_decompression_limit();
    select * into _session from app.recording_sessions as s where s.id = _recording_id and s.deleted_at is null for update;
    rollups := app.archive_rollups(_session.id, _session.first_reading_at, _session.last_reading_at);
    readings := 0;
    if rollups = 0 then
        return next;
        return;
    end if;
    perform app.archive_days(_session.id);
    delete from app.sensor_data as d
    where d.recording_id = _session.id::integer
        and d.recorded_at between _session.first_reading_at and _session.last_reading_at;
    get diagnostics readings = row_count;
    select sum(r.count) - _session.archived_count into _rolled_up
    from app.archived_rollups as r where r.recording_id = _session.id and r.bucket_minutes = 1440;
    if readings <> _rolled_up then
        raise exception 'recording %: % readings deleted, but % rolled up', _session.id, readings, _rolled_up;
    end if;
    -- The user's quota counts stored readings.
    select * into _change from app.next_change(_session.user_id, -readings);
    update app.recording_sessions as s
    set
        archived_at = clock_timestamp(), archived_count = s.archived_count + readings,
        change_no = _change.change_no, updated_at = _change.changed_at
    where s.id = _session.id;
    return next;
end
$$;

CREATE FUNCTION app.archive_rollups(_recording_id bigint, _from timestamp with time zone, _to timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
declare
    _row_count bigint;
begin
    with minutes as (
        select
            d.sensor_type_id, analytics.bucket_start(1, d.recorded_at) as bucket,
            count(*) as count, min(d.recorded_at) as first_at, max(d.recorded_at) as last_at,
            analytics.moments(d.x) as x, min(d.x) as x_min, max(d.x) as x_max,
            analytics.moments(d.y) as y, min(d.y) as y_min, max(d.y) as y_max,
            analytics.moments(d.z) as z, min(d.z) as z_min, max(d.z) as z_max,
            analytics.moments(d.magnitude) as m, min(d.magnitude) as m_min, max(d.magnitude) as m_max,
            analytics.moments(d.value) as v, min(d.value) as v_min, max(d.value) as v_max,
            analytics.moments(d.speed) as s, min(d.speed) as s_min, max(d.speed) as s_max
        from app.stored_readings as d
        where d.recording_id = _recording_id::integer and d.recorded_at between _from and _to
        group by d.sensor_type_id, analytics.bucket_start(1, d.recorded_at)
    )
    insert into app.archived_rollups (
        bucket_minutes, sensor_type_id, recording_id, bucket, count, first_at, last_at,
        x_moments, x_min, x_max, y_moments, y_min, y_max, z_moments, z_min, z_max,
        magnitude_moments, magnitude_min, magnitude_max, value_moments, value_min, value_max,
        speed_moments, speed_min, speed_max
    )
    select
        width.minutes, b.sensor_type_id, _recording_id, analytics.bucket_start(width.minutes, b.bucket),
        sum(b.count), min(b.first_at), max(b.last_at),
        nullif(analytics.merged_moments(b.x), '{0,0,0}'), min(b.x_min), max(b.x_max),
        nullif(analytics.merged_moments(b.y), '{0,0,0}'), min(b.y_min), max(b.y_max),
        nullif(analytics.merged_moments(b.z), '{0,0,0}'), min(b.z_min), max(b.z_max),
        nullif(analytics.merged_moments(b.m), '{0,0,0}'), min(b.m_min), max(b.m_max),
        nullif(analytics.merged_moments(b.v), '{0,0,0}'), min(b.v_min), max(b.v_max),
        nullif(analytics.merged_moments(b.s), '{0,0,0}'), min(b.s_min), max(b.s_max)
    from minutes as b
    cross join unnest(array[1, 60, 1440]) as width (minutes)
    group by width.minutes, b.sensor_type_id, analytics.bucket_start(width.minutes, b.bucket);
    get diagnostics _row_count = row_count;
    return _row_count;
end
$$;

CREATE FUNCTION app.begin_run(_task text, _arguments jsonb, _age interval, _is_dry_run boolean, _is_guarded boolean, _is_confirmed boolean, _job_id uuid, _host_now timestamp with time zone) RETURNS SETOF app.maintenance_runs
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    _now timestamptz := app.now();
    _scheduled_at timestamptz := (select r.scheduled_at from app.scheduled_runs as r where r.job_id = _job_id);
    _cutoff timestamptz := least(_scheduled_at, _now) - _age;
    _reason text := case when _is_guarded then app.guard_reason(_task, _cutoff, _host_now) end;
    _is_unconfirmed boolean := _reason is not null and not _is_confirmed and not _is_dry_run;
begin
    -- Nobody else runs the task: what says so was killed.
    update app.maintenance_runs as r
    set status = 'failed', finished_at = _now, error = 'the worker stopped without reporting a result'
    where r.task = _task and r.status = 'running' and (_job_id is null or r.job_id is distinct from _job_id);

    return query
    update app.maintenance_runs as r
    set status = 'running', finished_at = null, error = null
    where r.job_id = _job_id and r.status in ('running', 'paused', 'failed')
    returning r.*;
    if found then
        return;
    end if;
    -- Done, but its worker died before it could say so.
    return query select r.* from app.maintenance_runs as r where r.job_id = _job_id and r.status = 'completed';
    if found then
        return;
    end if;
    return query
    insert into app.maintenance_runs as r (
        task, job_id, arguments, is_dry_run, cutoff_at, status, started_at, host_started_at, finished_at, error
    ) values (
        _task, _job_id, _arguments, _is_dry_run, _cutoff, case when _is_unconfirmed then 'unconfirmed' else 'running' end,
        _now, _host_now, case when _is_unconfirmed then _now end, case when not _is_confirmed then _reason end
    )
    -- An unconfirmed job that is queued again is checked again.
    on conflict (job_id) do update
    set
        cutoff_at = excluded.cutoff_at, status = excluded.status, started_at = excluded.started_at,
        host_started_at = excluded.host_started_at, finished_at = excluded.finished_at, error = excluded.error
    where r.status = 'unconfirmed'
    returning r.*;
end
$$;

CREATE TABLE app.jobs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    task text NOT NULL,
    lane text DEFAULT 'batch'::text NOT NULL,
    queue_rank integer,
    user_id bigint,
    recording_id bigint,
    change_no bigint,
    session_id text,
    arguments jsonb NOT NULL,
    status text DEFAULT 'queued'::text NOT NULL,
    progress smallint DEFAULT 0 NOT NULL,
    message text,
    version bigint DEFAULT 1 NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    last_attempt integer DEFAULT 3 NOT NULL,
    max_attempts integer DEFAULT 3 NOT NULL,
    run_at timestamp with time zone DEFAULT now() NOT NULL,
    lease_until timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    result jsonb,
    error text,
    CONSTRAINT jobs_lane_check CHECK ((lane = ANY (ARRAY['interactive'::text, 'batch'::text]))),
    CONSTRAINT jobs_progress_check CHECK (((progress >= 0) AND (progress <= 100))),
    CONSTRAINT jobs_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'running'::text, 'completed'::text, 'failed'::text, 'cancelled'::text])))
);

CREATE FUNCTION app.cancel_job(_id uuid) RETURNS SETOF app.jobs
    LANGUAGE sql
    BEGIN ATOMIC
 UPDATE app.jobs SET status = 'cancelled'::text, version = (jobs.version + 1), lease_until = NULL::timestamp with time zone, error = 'cancelled'::text, finished_at = clock_timestamp()
   WHERE ((jobs.id = cancel_job._id) AND (jobs.status = ANY (ARRAY['queued'::text, 'running'::text])))
   RETURNING jobs.id,
     jobs.task,
     jobs.lane,
     jobs.queue_rank,
     jobs.user_id,
     jobs.recording_id,
     jobs.change_no,
     jobs.session_id,
     jobs.arguments,
     jobs.status,
     jobs.progress,
     jobs.message,
     jobs.version,
     jobs.attempt,
     jobs.last_attempt,
     jobs.max_attempts,
     jobs.run_at,
     jobs.lease_until,
     jobs.created_at,
     jobs.started_at,
     jobs.finished_at,
     jobs.result,
     jobs.error;
END;

CREATE FUNCTION app.changed_ranges(_recording_id bigint, _base bigint, _since timestamp with time zone, _without bigint) RETURNS TABLE(sensor_type_id integer, from_at timestamp with time zone, to_at timestamp with time zone)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 WITH changes AS (
          SELECT c.sensor_type_id,
             c.from_at,
             c.to_at,
             ((c.change_no > changed_ranges._base) AND (c.changed_at > changed_ranges._since) AND (c.device_key IS DISTINCT FROM changed_ranges._without)) AS is_wanted
            FROM app.reading_changes c
           WHERE (c.recording_id = changed_ranges._recording_id)
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

CREATE FUNCTION app.changed_sessions(_user_id bigint, _after bigint, _limit integer) RETURNS TABLE(session_id text, change_no bigint, updated_at timestamp with time zone, is_deleted boolean)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT s.session_id,
     s.change_no,
     s.updated_at,
     (s.deleted_at IS NOT NULL)
    FROM app.recording_sessions s
   WHERE ((s.user_id = changed_sessions._user_id) AND (s.change_no > changed_sessions._after))
   ORDER BY s.change_no
  LIMIT changed_sessions._limit;
END;

CREATE FUNCTION app.claim_job(_lease interval, _tasks text[], _lanes text[]) RETURNS SETOF app.jobs
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    _id uuid;
    _lane text;
begin
    update app.jobs as j
    set
        status = 'failed', version = j.version + 1, finished_at = clock_timestamp(), lease_until = null,
        error = format('the worker died %s times', j.max_attempts)
    where j.id in (
        select dead.id from app.jobs as dead
        where dead.status = 'running' and dead.lease_until < clock_timestamp() and dead.attempt >= dead.last_attempt
        for update skip locked
    );
    perform app.rank_due_jobs(1000);
    foreach _lane in array _lanes loop
        -- Each by its own index: one query for both would sort all that are queued.
        select dead.id into _id from app.jobs as dead
        where dead.status = 'running' and dead.lease_until < clock_timestamp()
            and dead.lane = _lane and dead.task = any(_tasks)
        order by dead.lease_until
        limit 1
        for update skip locked;
        if not found then
            select due.id into _id from app.jobs as due
            where due.status = 'queued' and due.queue_rank is not null and due.run_at <= clock_timestamp()
                and due.lane = _lane and due.task = any(_tasks)
            order by due.queue_rank, due.run_at
            limit 1
            for update skip locked;
        end if;
        exit when found;
    end loop;
    return query
    update app.jobs as j
    set
        status = 'running', version = j.version + 1, attempt = j.attempt + 1, progress = 0, message = null,
        lease_until = clock_timestamp() + _lease, started_at = clock_timestamp()
    where j.id = _id
    returning j.*;
end
$$;

CREATE FUNCTION app.close_session(_id bigint, _cutoff timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
        -- The longest that a client may send.
        notes = left(concat_ws(
            E'\n', s.notes, format('Closed by the server: nothing came after %s.', analytics.iso_time(s.last_push_at))
        ), 10000),
        closed_by = 'system', change_no = _now.change_no, updated_at = _now.changed_at
    where s.id = _id;
    return true;
end
$$;

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
    insert into app.change_sequences (user_id) values (_user_id);
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
    delete from app.reading_changes where recording_id = _session.id;
    delete from app.pushes where recording_id = _session.id;
    -- What was computed of it. An attempt that runs finds that it no longer counts.
    delete from app.jobs where user_id = _user_id and recording_id = _session.id;
    select * into _now from app.next_change(_user_id, _session.archived_count - _session.data_count);
    update app.recording_sessions
    set
        deleted_at = clock_timestamp(), change_no = _now.change_no, updated_at = _now.changed_at,
        start_time = null, end_time = null, enabled_sensors = null, sample_rate = null, notes = null, data_count = 0,
        archived_at = null, archived_count = 0
    where id = _session.id;
    return true;
end
$$;

CREATE TABLE app.sync_logs (
    id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    user_id bigint NOT NULL,
    device_key bigint,
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

CREATE FUNCTION app.delete_sync_logs(_cutoff timestamp with time zone, _limit integer) RETURNS TABLE(row_count bigint, byte_count bigint)
    LANGUAGE sql
    BEGIN ATOMIC
 WITH old AS (
          SELECT l.created_at,
             l.id
            FROM app.sync_logs l
           WHERE (l.created_at < delete_sync_logs._cutoff)
           ORDER BY l.created_at, l.id
          LIMIT delete_sync_logs._limit
         ), deleted AS (
          DELETE FROM app.sync_logs l
            USING old
           WHERE ((l.created_at = old.created_at) AND (l.id = old.id) AND (l.created_at < delete_sync_logs._cutoff))
           RETURNING pg_column_size(l.*) AS bytes
         )
  SELECT count(*) AS count,
     COALESCE(sum(deleted.bytes), (0)::bigint) AS "coalesce"
    FROM deleted;
END;

CREATE FUNCTION app.drop_empty_chunk(_cutoff timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS $_$
declare
    _schema text := app.timescaledb_schema();
    _chunk record;
    _is_empty boolean;
    _bytes bigint;
begin
    if not app.is_hypertable('app.sensor_data') then
        return null;
    end if;
    for _chunk in execute
        'select format(''%I.%I'', chunk_schema, chunk_name) as name, range_start, range_end'
        ' from timescaledb_information.chunks'
        ' where hypertable_schema = ''app'' and hypertable_name = ''sensor_data'' and range_end <= $1 order by range_end'
        using _cutoff
    loop
        execute format('select not exists (select from %s)', _chunk.name) into _is_empty;
        if _is_empty then
            lock table only app.sensor_data in access exclusive mode;
            execute format('select not exists (select from %s)', _chunk.name) into _is_empty;
            if _is_empty then
                execute format(
                    'select total_bytes from %I.chunks_detailed_size(''app.sensor_data'')'
                    ' where format(''%%I.%%I'', chunk_schema, chunk_name) = $1',
                    _schema
                ) into _bytes using _chunk.name;
                execute format('select %I.drop_chunks(''app.sensor_data'', older_than => $1, newer_than => $2)', _schema)
                using _chunk.range_end, _chunk.range_start;
                return _bytes;
            end if;
        end if;
    end loop;
    return null;
end
$_$;

CREATE FUNCTION app.drop_log_chunk(_cutoff timestamp with time zone) RETURNS TABLE(row_count bigint, byte_count bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS $_$
declare
    _schema text := app.timescaledb_schema();
    _chunk record;
begin
    if not app.is_hypertable('app.sync_logs') then
        return;
    end if;
    execute
        'select format(''%I.%I'', chunk_schema, chunk_name) as name, range_start, range_end'
        ' from timescaledb_information.chunks'
        ' where hypertable_schema = ''app'' and hypertable_name = ''sync_logs'' and range_end <= $1'
        ' order by range_end limit 1'
    into _chunk using _cutoff;
    if _chunk.name is null then
        return;
    end if;
    -- Counted like rows that are deleted one by one.
    execute format('select count(*), coalesce(sum(pg_column_size(l.*)), 0) from %s as l', _chunk.name)
    into row_count, byte_count;
    execute format('select %I.drop_chunks(''app.sync_logs'', older_than => $1, newer_than => $2)', _schema)
    using _chunk.range_end, _chunk.range_start;
    return next;
end
$_$;

CREATE FUNCTION app.local_instant(_local timestamp without time zone, _timezone text) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    _near timestamptz := _local at time zone 'UTC';
    _instant timestamptz;
    _before timestamptz;
    _between timestamptz;
begin
    -- Whatever offset the zone has within a day of it may be the one.
    with offsets as (
        select distinct (probe at time zone _timezone) - (probe at time zone 'UTC') as utc_offset
        from generate_series(_near - interval '1 day', _near + interval '1 day', interval '4 hours') as probe
    )
    select
        min(_near - o.utc_offset) filter (where (_near - o.utc_offset) at time zone _timezone = _local),
        min(_near - o.utc_offset)
    into _instant, _before
    from offsets as o;
    if _instant is not null then
        return _instant;
    end if;
    -- A gap: before it clocks show less, after it more. Halved until a second is left.
    select max(probe) into _instant
    from generate_series(_before, _before + interval '1 day', interval '1 hour') as probe
    where probe at time zone _timezone < _local;
    _before := _instant;
    _instant := _before + interval '1 hour';
    while _instant - _before > interval '1 second' loop
        _between := date_trunc('second', _before + (_instant - _before) / 2);
        if _between at time zone _timezone < _local then
            _before := _between;
        else
            _instant := _between;
        end if;
    end loop;
    return _instant;
end
$$;

CREATE FUNCTION app.latest_scheduled_at(_frequency text, _hour integer, _minute integer, _timezone text, _now timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 WITH today AS (
          SELECT ((latest_scheduled_at._now AT TIME ZONE latest_scheduled_at._timezone))::date AS day
         ), days AS (
          SELECT
                 CASE latest_scheduled_at._frequency
                     WHEN 'daily'::text THEN (today.day - back.back)
                     WHEN 'weekly'::text THEN ((today.day - (EXTRACT(dow FROM today.day))::integer) - (7 * back.back))
                     WHEN 'monthly'::text THEN ((date_trunc('month'::text, (today.day)::timestamp with time zone) - make_interval(months => back.back)))::date
                     ELSE NULL::date
                 END AS day
            FROM (today
              CROSS JOIN generate_series(0, 2) back(back))
         ), times AS (
          SELECT app.local_instant((days.day + make_time(latest_scheduled_at._hour, latest_scheduled_at._minute, (0)::double precision)), latest_scheduled_at._timezone) AS scheduled_at
            FROM days
         )
  SELECT max(times.scheduled_at) AS max
    FROM times
   WHERE (times.scheduled_at <= latest_scheduled_at._now);
END;

CREATE FUNCTION app.now() RETURNS timestamp with time zone
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT (clock_timestamp() + (COALESCE(NULLIF(current_setting('koodtx.clock_offset'::text, true), ''::text), '0'::text))::interval);
END;

CREATE TABLE app.scheduled_runs (
    schedule_id bigint NOT NULL,
    scheduled_at timestamp with time zone NOT NULL,
    job_id uuid NOT NULL,
    enqueued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE app.schedules (
    id bigint NOT NULL,
    name text NOT NULL,
    task text NOT NULL,
    args jsonb DEFAULT '{}'::jsonb NOT NULL,
    frequency text NOT NULL,
    hour integer DEFAULT 0 NOT NULL,
    minute integer DEFAULT 0 NOT NULL,
    timezone text NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT schedules_args_check CHECK ((jsonb_typeof(args) = 'object'::text)),
    CONSTRAINT schedules_frequency_check CHECK ((frequency = ANY (ARRAY['daily'::text, 'weekly'::text, 'monthly'::text]))),
    CONSTRAINT schedules_hour_check CHECK (((hour >= 0) AND (hour <= 23))),
    CONSTRAINT schedules_minute_check CHECK (((minute >= 0) AND (minute <= 59))),
    CONSTRAINT schedules_name_check CHECK (((length(name) >= 1) AND (length(name) <= 64))),
    CONSTRAINT schedules_timezone_check CHECK ((('2000-01-01 00:00:00'::timestamp without time zone AT TIME ZONE timezone) IS NOT NULL))
);

CREATE FUNCTION app.due_runs() RETURNS TABLE(schedule_id bigint, name text, task text, args jsonb, scheduled_at timestamp with time zone)
    LANGUAGE sql
    BEGIN ATOMIC
 WITH due AS (
          SELECT s.id,
             s.name,
             s.task,
             s.args,
             s.frequency,
             s.hour,
             s.minute,
             s.timezone,
             s.is_active,
             s.created_at,
             app.latest_scheduled_at(s.frequency, s.hour, s.minute, s.timezone, now.at) AS scheduled_at
            FROM (( SELECT app.now() AS at) now
              CROSS JOIN app.schedules s)
           WHERE s.is_active
         )
  SELECT due.id,
     due.name,
     due.task,
     due.args,
     due.scheduled_at
    FROM due
   WHERE ((due.scheduled_at >= due.created_at) AND (NOT (EXISTS ( SELECT
            FROM app.scheduled_runs r
           WHERE ((r.schedule_id = due.id) AND (r.scheduled_at >= due.scheduled_at))))))
   ORDER BY due.scheduled_at, due.id;
END;

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

CREATE FUNCTION app.end_run(_id bigint, _details jsonb, _error text, _is_paused boolean) RETURNS SETOF app.maintenance_runs
    LANGUAGE sql
    BEGIN ATOMIC
 UPDATE app.maintenance_runs SET status =
         CASE
             WHEN end_run._is_paused THEN 'paused'::text
             WHEN (end_run._error IS NULL) THEN 'completed'::text
             ELSE 'failed'::text
         END, finished_at =
         CASE
             WHEN (NOT end_run._is_paused) THEN app.now()
             ELSE NULL::timestamp with time zone
         END, details = end_run._details, error = COALESCE(end_run._error, maintenance_runs.error)
   WHERE (maintenance_runs.id = end_run._id)
   RETURNING maintenance_runs.id,
     maintenance_runs.task,
     maintenance_runs.job_id,
     maintenance_runs.arguments,
     maintenance_runs.is_dry_run,
     maintenance_runs.cutoff_at,
     maintenance_runs.status,
     maintenance_runs.started_at,
     maintenance_runs.host_started_at,
     maintenance_runs.finished_at,
     maintenance_runs.resume_after,
     maintenance_runs.session_count,
     maintenance_runs.rows_freed,
     maintenance_runs.bytes_freed,
     maintenance_runs.details,
     maintenance_runs.error;
END;

CREATE PROCEDURE app.enforce_ceiling(IN _job_id integer, IN _config jsonb)
    LANGUAGE plpgsql
    AS $$
begin
    if not app.hold_queued_job('enforce_ceiling') then
        perform app.enqueue_job('enforce_ceiling', 'batch', '{}');
    end if;
end
$$;

CREATE FUNCTION app.enqueue_job(_task text, _lane text, _arguments jsonb, _user_id bigint DEFAULT NULL::bigint, _recording_id bigint DEFAULT NULL::bigint, _change_no bigint DEFAULT NULL::bigint, _max_attempts integer DEFAULT 3, _run_at timestamp with time zone DEFAULT NULL::timestamp with time zone, _id uuid DEFAULT NULL::uuid) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    _job_id uuid := coalesce(_id, gen_random_uuid());
    _now timestamptz := clock_timestamp();
begin
    insert into app.jobs as j (
        id, task, lane, queue_rank, arguments, user_id, recording_id, change_no, session_id,
        max_attempts, last_attempt, run_at
    ) values (
        _job_id, _task, _lane, case when coalesce(_run_at <= _now, true) then app.queue_rank(_user_id, _lane) end,
        _arguments, _user_id, _recording_id, _change_no,
        (select s.session_id from app.recording_sessions as s where s.id = _recording_id),
        _max_attempts, _max_attempts, coalesce(_run_at, _now)
    )
    on conflict (id) do nothing;
    return _job_id;
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
        delete from app.archived_ranges where recording_id = _session.id;
        update app.recording_sessions
        set erased_at = clock_timestamp(), first_reading_at = null, last_reading_at = null
        where id = _session.id;
    end if;
    return _erased < _limit;
end
$$;

CREATE FUNCTION app.find_answer(_user_id bigint, _task text, _arguments jsonb, _recording_id bigint, _change_no bigint) RETURNS SETOF app.jobs
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT j.id,
     j.task,
     j.lane,
     j.queue_rank,
     j.user_id,
     j.recording_id,
     j.change_no,
     j.session_id,
     j.arguments,
     j.status,
     j.progress,
     j.message,
     j.version,
     j.attempt,
     j.last_attempt,
     j.max_attempts,
     j.run_at,
     j.lease_until,
     j.created_at,
     j.started_at,
     j.finished_at,
     j.result,
     j.error
    FROM app.jobs j
   WHERE ((j.user_id = find_answer._user_id) AND (j.task = find_answer._task) AND (j.arguments = find_answer._arguments) AND (NOT (j.recording_id IS DISTINCT FROM find_answer._recording_id)) AND (j.change_no = find_answer._change_no) AND (j.status = ANY (ARRAY['queued'::text, 'running'::text, 'completed'::text])))
   ORDER BY j.created_at DESC, j.id DESC
  LIMIT 1;
END;

CREATE FUNCTION app.finish_job(_id uuid, _attempt integer, _result jsonb, _error text, _is_final boolean) RETURNS SETOF app.jobs
    LANGUAGE sql
    BEGIN ATOMIC
 UPDATE app.jobs SET status =
         CASE
             WHEN (finish_job._error IS NULL) THEN 'completed'::text
             WHEN (finish_job._is_final OR (jobs.attempt >= jobs.last_attempt)) THEN 'failed'::text
             ELSE 'queued'::text
         END, version = (jobs.version + 1), lease_until = NULL::timestamp with time zone, result = finish_job._result, error = finish_job._error, progress =
         CASE
             WHEN (finish_job._error IS NULL) THEN 100
             ELSE (jobs.progress)::integer
         END, message = NULL::text, finished_at =
         CASE
             WHEN ((finish_job._error IS NULL) OR finish_job._is_final OR (jobs.attempt >= jobs.last_attempt)) THEN clock_timestamp()
             ELSE NULL::timestamp with time zone
         END, queue_rank =
         CASE
             WHEN ((finish_job._error IS NULL) OR finish_job._is_final OR (jobs.attempt >= jobs.last_attempt)) THEN jobs.queue_rank
             ELSE NULL::integer
         END, run_at =
         CASE
             WHEN (finish_job._error IS NULL) THEN jobs.run_at
             ELSE (clock_timestamp() + (((jobs.max_attempts - (jobs.last_attempt - jobs.attempt)))::double precision * '00:00:05'::interval))
         END
   WHERE ((jobs.id = finish_job._id) AND (jobs.attempt = finish_job._attempt) AND (jobs.status = 'running'::text))
   RETURNING jobs.id,
     jobs.task,
     jobs.lane,
     jobs.queue_rank,
     jobs.user_id,
     jobs.recording_id,
     jobs.change_no,
     jobs.session_id,
     jobs.arguments,
     jobs.status,
     jobs.progress,
     jobs.message,
     jobs.version,
     jobs.attempt,
     jobs.last_attempt,
     jobs.max_attempts,
     jobs.run_at,
     jobs.lease_until,
     jobs.created_at,
     jobs.started_at,
     jobs.finished_at,
     jobs.result,
     jobs.error;
END;

CREATE FUNCTION app.finish_push(_recording_id bigint, _device_key bigint, _push jsonb, _reply jsonb, _types integer[], _from timestamp with time zone[], _to timestamp with time zone[]) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    _counts record;
    _session app.recording_sessions;
    _now record;
    _log_id bigint;
begin
    select * into _counts
    from jsonb_to_record(_reply) as c (
        total_records bigint, inserted bigint, updated bigint, duplicates bigint, errors bigint
    );
    if _counts.total_records <> _counts.inserted + _counts.updated + _counts.duplicates + _counts.errors then
        raise exception 'the counts of a push do not add up: %', _counts;
    end if;
    update app.devices as d set last_push_at = clock_timestamp() where d.id = _device_key;
    -- The caller has it locked.
    select * into _session from app.recording_sessions as s where s.id = _recording_id;
    if (_push ->> 'is_changed')::boolean or _counts.inserted + _counts.updated > 0 then
        select * into _now from app.next_change(_session.user_id, _counts.inserted);
        insert into app.reading_changes (recording_id, sensor_type_id, change_no, changed_at, from_at, to_at, device_key)
        select _recording_id, c.sensor_type_id, _now.change_no, _now.changed_at, c.from_at, c.to_at, _device_key
        from unnest(_types, _from, _to) as c (sensor_type_id, from_at, to_at);
        update app.recording_sessions as s
        set
            change_no = _now.change_no, updated_at = _now.changed_at, last_push_at = app.now(),
            data_count = s.data_count + _counts.inserted,
            first_reading_at = least(s.first_reading_at, (select min(f) from unnest(_from) as f)),
            last_reading_at = greatest(s.last_reading_at, (select max(t) from unnest(_to) as t)),
            -- Closed by the system for want of readings: here they are.
            end_time = case when s.closed_by = 'system' and cardinality(_types) > 0 then null else s.end_time end,
            closed_by = case when s.closed_by = 'system' and cardinality(_types) > 0 then null else s.closed_by end
        where s.id = _recording_id
        returning s.* into _session;
    else
        select c.change_no, c.changed_at into _now
        from app.change_sequences as c where c.user_id = _session.user_id;
    end if;
    insert into app.sync_logs (
        user_id, device_key, sync_type, status, total_records, inserted_count, updated_count, duplicate_count,
        error_count, sensor_types, data_bytes, server_timestamp
    ) values (
        _session.user_id, _device_key, 'push', 'success', _counts.total_records, _counts.inserted, _counts.updated,
        _counts.duplicates, _counts.errors, array(select jsonb_array_elements_text(_push -> 'sensor_types')),
        (_push ->> 'data_bytes')::bigint, _now.changed_at
    ) returning id into _log_id;

    _reply := _reply || jsonb_build_object(
        'sync_log_id', _log_id, 'session_data_count', _session.data_count,
        'server_timestamp', analytics.iso_time(_now.changed_at)
    );
    insert into app.pushes (recording_id, push_id, body_hash, reply)
    select _recording_id, _push ->> 'push_id', decode(_push ->> 'body_hash', 'hex'), _reply
    where _push ->> 'push_id' is not null;
    return _reply;
end
$$;

CREATE FUNCTION app.guard_reason(_task text, _cutoff timestamp with time zone, _host_now timestamp with time zone) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    _last app.maintenance_runs;
    _moved interval;
begin
    if _cutoff > app.now() - interval '7 days' then
        return 'it would delete data younger than 7 days';
    end if;
    select * into _last from app.maintenance_runs as r
    where r.task = _task and r.status = 'completed' and not r.is_dry_run
    order by r.started_at desc, r.id desc limit 1;
    _moved := _cutoff - _last.cutoff_at;
    if _moved > _host_now - _last.host_started_at + interval '1 day' then
        return format(
            'it would delete %s hours more than the last run of %s did, which was %s hours ago',
            round(extract(epoch from _moved) / 3600),
            to_char(_last.started_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
            round(extract(epoch from _host_now - _last.host_started_at) / 3600)
        );
    end if;
    return null;
end
$$;

CREATE FUNCTION app.has_due_job(_tasks text[], _lanes text[]) RETURNS boolean
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM app.jobs j
           WHERE ((j.status = 'queued'::text) AND (j.run_at <= clock_timestamp()) AND (j.lane = ANY (has_due_job._lanes)) AND (j.task = ANY (has_due_job._tasks))))) AS "exists";
END;

CREATE FUNCTION app.has_policies() RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    return app.edition() = 'community' and app.is_hypertable('app.sync_logs');
end
$$;

CREATE FUNCTION app.hold_queued_job(_task text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform from app.jobs as j
    where j.task = _task and j.user_id is null and j.status = 'queued'
    limit 1
    for update skip locked;
    return found;
end
$$;

CREATE FUNCTION app.idle_sessions(_cutoff timestamp with time zone) RETURNS TABLE(id bigint, readings bigint, is_complete boolean)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT s.id,
     (s.data_count - s.archived_count) AS readings,
     ((s.end_time IS NOT NULL) AND s.is_uploaded) AS is_complete
    FROM app.recording_sessions s
   WHERE ((s.deleted_at IS NULL) AND (s.data_count > s.archived_count) AND (GREATEST(s.end_time, s.last_push_at) < idle_sessions._cutoff));
END;

CREATE FUNCTION app.index_statistics() RETURNS TABLE(name text, table_name text, is_unique boolean, scan_count bigint, byte_count bigint, expected_byte_count bigint)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 WITH parts AS (
          SELECT i.indexrelid,
             i.indrelid,
             i.indisunique,
             COALESCE(h.inhparent, i.indrelid) AS root,
             ARRAY( SELECT (a.attname)::text AS attname
                    FROM pg_attribute a
                   WHERE (a.attrelid = i.indexrelid)
                   ORDER BY a.attnum) AS columns
            FROM (pg_index i
              LEFT JOIN pg_inherits h ON ((h.inhrelid = i.indrelid)))
         ), rooted AS (
          SELECT parts.indexrelid,
             parts.indrelid,
             parts.indisunique,
             parts.root,
             parts.columns,
             ( SELECT r.indexrelid
                    FROM parts r
                   WHERE ((r.indrelid = parts.root) AND (r.columns = parts.columns))
                   ORDER BY r.indexrelid
                  LIMIT 1) AS root_index
            FROM parts
         ), measured AS (
          SELECT r.root_index,
             r.root,
             r.indisunique,
             COALESCE(s.idx_scan, (0)::bigint) AS scans,
             pg_relation_size((r.indexrelid)::regclass) AS bytes,
             (8192 + (((GREATEST(c.reltuples, (0)::real) / (0.9)::double precision) * ((12 + ( SELECT sum(COALESCE(t.avg_width, 8)) AS sum
                    FROM (unnest(r.columns) key(attname)
                      LEFT JOIN pg_stats t ON (((t.schemaname = n.nspname) AND (t.tablename = k_1.relname) AND (t.attname = key.attname)))))))::double precision))::bigint) AS expected
            FROM ((((rooted r
              JOIN pg_class c ON ((c.oid = r.indexrelid)))
              JOIN pg_class k_1 ON ((k_1.oid = r.indrelid)))
              JOIN pg_namespace n ON ((n.oid = k_1.relnamespace)))
              LEFT JOIN pg_stat_all_indexes s ON ((s.indexrelid = r.indexrelid)))
         )
  SELECT ((m.root_index)::regclass)::text AS root_index,
     ((m.root)::regclass)::text AS root,
     bool_or(m.indisunique) AS bool_or,
     (sum(m.scans))::bigint AS sum,
     (sum(m.bytes))::bigint AS sum,
     (sum(m.expected))::bigint AS sum
    FROM (measured m
      JOIN pg_class k ON ((k.oid = m.root)))
   WHERE ((k.relnamespace = ('app'::regnamespace)::oid) AND (k.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])) AND (m.root_index IS NOT NULL))
   GROUP BY m.root_index, m.root
   ORDER BY (sum(m.bytes)) DESC, ((m.root_index)::regclass)::text;
END;

CREATE FUNCTION app.init_schedules(_timezone text, _force boolean) RETURNS bigint
    LANGUAGE sql
    BEGIN ATOMIC
 WITH made AS (
          INSERT INTO app.schedules AS s (name, task, frequency, hour, timezone, created_at)  SELECT d.name,
                     d.task,
                     d.frequency,
                     d.hour,
                     init_schedules._timezone AS _timezone,
                     app.now() AS now
                    FROM ( VALUES ('erase-deleted-sessions'::text,'erase_deleted_sessions'::text,'daily'::text,0), ('cleanup-failed-sessions'::text,'cleanup_failed_sessions'::text,'daily'::text,1), ('cleanup-old-data'::text,'cleanup_old_sensor_data'::text,'daily'::text,2), ('enforce-ceiling'::text,'enforce_ceiling'::text,'daily'::text,3), ('cleanup-sync-logs'::text,'cleanup_old_sync_logs'::text,'weekly'::text,4), ('optimize-database'::text,'optimize_database'::text,'weekly'::text,5)) d(name, task, frequency, hour)
                   WHERE ((d.task <> 'enforce_ceiling'::text) OR (NOT app.has_policies())) ON CONFLICT(name) DO UPDATE SET task = excluded.task, args = '{}'::jsonb, frequency = excluded.frequency, hour = excluded.hour, minute = 0, timezone = excluded.timezone, is_active = true, created_at = excluded.created_at
           WHERE init_schedules._force
           RETURNING s.id
         )
  SELECT count(made.id) AS count
    FROM made;
END;

CREATE FUNCTION app.is_hypertable(_table regclass) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    _is boolean;
begin
    if to_regclass('timescaledb_information.hypertables') is null then
        return false;
    end if;
    execute
        'select exists (select from timescaledb_information.hypertables'
        ' where to_regclass(format(''%I.%I'', hypertable_schema, hypertable_name)) = $1)'
    into _is using _table;
    return _is;
end
$_$;

CREATE FUNCTION app.lift_decompression_limit() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if current_setting('timescaledb.max_tuples_decompressed_per_dml_transaction', true) is not null then
        perform set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true);
    end if;
end
$$;

CREATE FUNCTION app.list_jobs(_task text, _lane text, _statuses text[], _username text, _limit integer) RETURNS SETOF app.jobs
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT j.id,
     j.task,
     j.lane,
     j.queue_rank,
     j.user_id,
     j.recording_id,
     j.change_no,
     j.session_id,
     j.arguments,
     j.status,
     j.progress,
     j.message,
     j.version,
     j.attempt,
     j.last_attempt,
     j.max_attempts,
     j.run_at,
     j.lease_until,
     j.created_at,
     j.started_at,
     j.finished_at,
     j.result,
     j.error
    FROM app.jobs j
   WHERE (((list_jobs._task IS NULL) OR (j.task = list_jobs._task)) AND ((list_jobs._lane IS NULL) OR (j.lane = list_jobs._lane)) AND ((list_jobs._statuses IS NULL) OR (j.status = ANY (list_jobs._statuses))) AND ((list_jobs._username IS NULL) OR (j.user_id = ( SELECT u.id
            FROM app.users u
           WHERE (u.username = list_jobs._username)))))
   ORDER BY j.created_at DESC, j.id DESC
  LIMIT list_jobs._limit;
END;

CREATE FUNCTION app.list_own_jobs(_user_id bigint, _tasks text[], _status text, _session_id text, _before uuid, _limit integer) RETURNS SETOF app.jobs
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT j.id,
     j.task,
     j.lane,
     j.queue_rank,
     j.user_id,
     j.recording_id,
     j.change_no,
     j.session_id,
     j.arguments,
     j.status,
     j.progress,
     j.message,
     j.version,
     j.attempt,
     j.last_attempt,
     j.max_attempts,
     j.run_at,
     j.lease_until,
     j.created_at,
     j.started_at,
     j.finished_at,
     j.result,
     j.error
    FROM app.jobs j
   WHERE ((j.user_id = list_own_jobs._user_id) AND ((list_own_jobs._tasks IS NULL) OR (j.task = ANY (list_own_jobs._tasks))) AND ((list_own_jobs._status IS NULL) OR (j.status = list_own_jobs._status)) AND ((list_own_jobs._session_id IS NULL) OR (j.session_id = list_own_jobs._session_id)) AND ((list_own_jobs._before IS NULL) OR ((j.created_at, j.id) < ( SELECT p.created_at,
             p.id
            FROM app.jobs p
           WHERE ((p.id = list_own_jobs._before) AND (p.user_id = list_own_jobs._user_id))))))
   ORDER BY j.created_at DESC, j.id DESC
  LIMIT list_own_jobs._limit;
END;

CREATE FUNCTION app.readable_sessions(_user_id bigint) RETURNS SETOF app.recording_sessions
    LANGUAGE sql STABLE
    BEGIN ATOMIC
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
     s.archived_count,
     s.archived_at,
     s.first_reading_at,
     s.last_reading_at,
     s.last_push_at,
     s.created_at,
     s.updated_at,
     s.change_no,
     s.deleted_at,
     s.erased_at
    FROM app.recording_sessions s
   WHERE ((s.user_id = readable_sessions._user_id) AND (s.deleted_at IS NULL));
END;

CREATE FUNCTION app.list_sessions(_user_id bigint, _session_id text, _before bigint, _limit integer) RETURNS TABLE(id bigint, session_id text, start_time timestamp with time zone, end_time timestamp with time zone, is_active boolean, enabled_sensors jsonb, sample_rate double precision, data_count bigint, notes text, is_uploaded boolean, created_at timestamp with time zone, updated_at timestamp with time zone, first_reading_at timestamp with time zone, last_reading_at timestamp with time zone, archived_at timestamp with time zone, archived_count bigint)
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
     s.last_reading_at,
     s.archived_at,
     s.archived_count
    FROM app.readable_sessions(list_sessions._user_id) s(id, user_id, session_id, start_time, end_time, enabled_sensors, sample_rate, notes, is_uploaded, closed_by, data_count, archived_count, archived_at, first_reading_at, last_reading_at, last_push_at, created_at, updated_at, change_no, deleted_at, erased_at)
   WHERE (((list_sessions._session_id IS NULL) OR (s.session_id = list_sessions._session_id)) AND ((list_sessions._before IS NULL) OR (s.id < list_sessions._before)))
   ORDER BY s.id DESC
  LIMIT list_sessions._limit;
END;

CREATE FUNCTION app.may_vacuum(_table regclass) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if (select pg_has_role(c.relowner, 'usage') from pg_class as c where c.oid = _table) then
        return true;
    end if;
    -- Older versions do not know the privilege.
    return current_setting('server_version_num')::integer >= 170000 and has_table_privilege(_table, 'maintain');
end
$$;

CREATE FUNCTION app.old_sync_logs(_cutoff timestamp with time zone) RETURNS TABLE(row_count bigint, byte_count bigint)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT count(*) AS count,
     COALESCE(sum(pg_column_size(l.*)), (0)::bigint) AS "coalesce"
    FROM app.sync_logs l
   WHERE (l.created_at < old_sync_logs._cutoff);
END;

CREATE FUNCTION app.table_bytes(_table regclass) RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    _bytes bigint;
begin
    if not app.is_hypertable(_table) then
        return pg_total_relation_size(_table);
    end if;
    execute format('select %I.hypertable_size($1)', app.timescaledb_schema()) into _bytes using _table;
    return _bytes;
end
$_$;

CREATE FUNCTION app.stored_readings_size() RETURNS TABLE(readings bigint, total_bytes bigint, bytes_per_reading double precision)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT stored.readings,
     stored.total_bytes,
     COALESCE(((stored.total_bytes)::double precision / (NULLIF(stored.readings, 0))::double precision), (0)::double precision) AS "coalesce"
    FROM ( SELECT (COALESCE(sum((s.data_count - s.archived_count)), (0)::numeric))::bigint AS readings,
             app.table_bytes('app.sensor_data'::regclass) AS total_bytes
            FROM app.recording_sessions s) stored;
END;

CREATE TABLE app.retention (
    name text NOT NULL,
    days integer NOT NULL,
    CONSTRAINT retention_days_check CHECK (((days >= 1) AND (days <= 36500))),
    CONSTRAINT retention_name_check CHECK ((name = ANY (ARRAY['sensor-data'::text, 'ceiling'::text, 'sync-logs'::text, 'columnstore'::text])))
);

CREATE FUNCTION app.retention_effects() RETURNS TABLE(name text, days integer, task text, is_applied boolean, row_count bigint, byte_count bigint)
    LANGUAGE sql
    BEGIN ATOMIC
 WITH settings AS (
          SELECT r.name,
             r.days,
             (app.now() - make_interval(days => r.days)) AS cutoff
            FROM app.retention r
         )
  SELECT s.name,
     s.days,
         CASE s.name
             WHEN 'sensor-data'::text THEN 'cleanup_old_sensor_data'::text
             WHEN 'ceiling'::text THEN 'enforce_ceiling'::text
             WHEN 'sync-logs'::text THEN 'cleanup_old_sync_logs'::text
             ELSE NULL::text
         END AS "case",
     ((s.name <> 'columnstore'::text) OR app.has_policies()),
         CASE
             WHEN (s.name = 'sync-logs'::text) THEN ( SELECT o.row_count
                FROM app.old_sync_logs(s.cutoff) o(row_count, byte_count))
             WHEN (s.name <> 'columnstore'::text) THEN archivable.readings
             ELSE NULL::bigint
         END AS "case",
         CASE
             WHEN (s.name = 'sync-logs'::text) THEN ( SELECT o.byte_count
                FROM app.old_sync_logs(s.cutoff) o(row_count, byte_count))
             WHEN (s.name <> 'columnstore'::text) THEN (((archivable.readings)::double precision * stored.bytes_per_reading))::bigint
             ELSE NULL::bigint
         END AS "case"
    FROM ((settings s
      CROSS JOIN app.stored_readings_size() stored(readings, total_bytes, bytes_per_reading))
      CROSS JOIN LATERAL ( SELECT (COALESCE(sum(i.readings) FILTER (WHERE (i.is_complete OR (s.name = 'ceiling'::text))), (0)::numeric))::bigint AS readings
            FROM app.idle_sessions(s.cutoff) i(id, readings, is_complete)) archivable)
   ORDER BY (array_position(ARRAY['sensor-data'::text, 'ceiling'::text, 'sync-logs'::text, 'columnstore'::text], s.name));
END;

CREATE FUNCTION app.storage_forecast() RETURNS jsonb
    LANGUAGE sql
    BEGIN ATOMIC
 WITH arrived AS (
          SELECT COALESCE(sum(l.inserted_count), (0)::numeric) AS readings,
             LEAST((30)::numeric, GREATEST((1)::numeric, (EXTRACT(epoch FROM (app.now() - min(l.created_at))) / (86400)::numeric))) AS days
            FROM app.sync_logs l
           WHERE ((l.created_at > (app.now() - '30 days'::interval)) AND (l.sync_type = 'push'::text) AND (l.status = 'success'::text))
         ), daily AS (
          SELECT (COALESCE((arrived.readings / arrived.days), (0)::numeric))::double precision AS readings,
             stored.bytes_per_reading,
             pg_database_size(current_database()) AS database_bytes
            FROM (arrived
              CROSS JOIN app.stored_readings_size() stored(readings, total_bytes, bytes_per_reading))
         )
  SELECT jsonb_build_object('readings_per_day', (round((d.readings)::numeric, 1))::double precision, 'bytes_per_reading', (round((d.bytes_per_reading)::numeric, 1))::double precision, 'bytes_per_day', ((d.readings * d.bytes_per_reading))::bigint, 'bytes_in_30_days', (d.database_bytes + (((d.readings * d.bytes_per_reading) * (30)::double precision))::bigint), 'bytes_in_90_days', (d.database_bytes + (((d.readings * d.bytes_per_reading) * (90)::double precision))::bigint), 'bytes_in_365_days', (d.database_bytes + (((d.readings * d.bytes_per_reading) * (365)::double precision))::bigint), 'settled_bytes', (((d.readings * d.bytes_per_reading) * (( SELECT r.days
            FROM app.retention r
           WHERE (r.name = 'sensor-data'::text)))::double precision))::bigint) AS jsonb_build_object
    FROM daily d;
END;

CREATE FUNCTION app.table_statistics() RETURNS TABLE(name text, row_count bigint, dead_row_count bigint, byte_count bigint, chunk_count bigint, vacuumed_at timestamp with time zone, analyzed_at timestamp with time zone, may_vacuum boolean)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT ((root.oid)::regclass)::text AS oid,
     (sum(s.n_live_tup))::bigint AS sum,
     (sum(s.n_dead_tup))::bigint AS sum,
     app.table_bytes((root.oid)::regclass) AS table_bytes,
     (count(*) - 1),
     max(GREATEST(s.last_vacuum, s.last_autovacuum)) AS max,
     max(GREATEST(s.last_analyze, s.last_autoanalyze)) AS max,
     app.may_vacuum((root.oid)::regclass) AS may_vacuum
    FROM ((pg_class root
      JOIN LATERAL ( SELECT root.oid AS relid
         UNION ALL
          SELECT i.inhrelid
            FROM pg_inherits i
           WHERE (i.inhparent = root.oid)) part ON (true))
      JOIN pg_stat_all_tables s ON ((s.relid = part.relid)))
   WHERE ((root.relnamespace = ('app'::regnamespace)::oid) AND (root.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])))
   GROUP BY root.oid
   ORDER BY (app.table_bytes((root.oid)::regclass)) DESC, ((root.oid)::regclass)::text;
END;

CREATE FUNCTION app.maintenance_report() RETURNS jsonb
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT jsonb_build_object('created_at', analytics.iso_time(app.now()), 'edition', app.edition(), 'totals', ( SELECT jsonb_build_object('users', ( SELECT count(*) AS count
                    FROM app.users), 'sessions', count(*) FILTER (WHERE (s.deleted_at IS NULL)), 'active_sessions', count(*) FILTER (WHERE ((s.deleted_at IS NULL) AND (s.end_time IS NULL))), 'archived_sessions', count(*) FILTER (WHERE ((s.deleted_at IS NULL) AND (s.archived_at IS NOT NULL))), 'readings_stored', ( SELECT r.readings
                    FROM app.stored_readings_size() r(readings, total_bytes, bytes_per_reading)), 'readings_archived', COALESCE(sum(s.archived_count), (0)::numeric), 'database_bytes', pg_database_size(current_database())) AS jsonb_build_object
            FROM app.recording_sessions s), 'tables', ( SELECT jsonb_agg(jsonb_build_object('name', t.name, 'rows', t.row_count, 'dead_rows', t.dead_row_count, 'bytes', t.byte_count, 'chunks', t.chunk_count, 'vacuumed_at', analytics.iso_time(t.vacuumed_at), 'analyzed_at', analytics.iso_time(t.analyzed_at)) ORDER BY t.byte_count DESC, t.name) AS jsonb_agg
            FROM app.table_statistics() t(name, row_count, dead_row_count, byte_count, chunk_count, vacuumed_at, analyzed_at, may_vacuum)), 'retention', ( SELECT jsonb_agg(jsonb_build_object('name', e.name, 'days', e.days, 'task', e.task, 'is_applied', e.is_applied, 'rows', e.row_count, 'bytes', e.byte_count)) AS jsonb_agg
            FROM app.retention_effects() e(name, days, task, is_applied, row_count, byte_count)), 'runs', ( SELECT COALESCE(jsonb_agg(jsonb_build_object('task', r.task, 'job_id', r.job_id, 'is_dry_run', r.is_dry_run, 'status', r.status, 'started_at', analytics.iso_time(r.started_at), 'finished_at', analytics.iso_time(r.finished_at), 'cutoff_at', analytics.iso_time(r.cutoff_at), 'sessions', r.session_count, 'rows_freed', r.rows_freed, 'bytes_freed', r.bytes_freed, 'error', r.error) ORDER BY r.started_at DESC, r.id DESC), '[]'::jsonb) AS "coalesce"
            FROM app.maintenance_runs r
           WHERE (r.started_at > (app.now() - '30 days'::interval))), 'forecast', app.storage_forecast()) AS jsonb_build_object;
END;

CREATE FUNCTION app.may_read_session(_user_id bigint, _recording_id bigint) RETURNS boolean
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM app.readable_sessions(may_read_session._user_id) s(id, user_id, session_id, start_time, end_time, enabled_sensors, sample_rate, notes, is_uploaded, closed_by, data_count, archived_count, archived_at, first_reading_at, last_reading_at, last_push_at, created_at, updated_at, change_no, deleted_at, erased_at)
           WHERE (s.id = may_read_session._recording_id))) AS "exists";
END;

CREATE FUNCTION app.may_see_job(_user_id bigint, _job_id uuid, _action text) RETURNS TABLE(version bigint)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT j.version
    FROM app.jobs j
   WHERE ((j.id = may_see_job._job_id) AND (j.user_id = may_see_job._user_id) AND (may_see_job._action = ANY (ARRAY['view'::text, 'end'::text, 'retry'::text])));
END;

CREATE TABLE app.change_sequences (
    user_id bigint NOT NULL,
    change_no bigint DEFAULT 0 NOT NULL,
    changed_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) NOT NULL,
    reading_count bigint DEFAULT 0 NOT NULL
);

CREATE FUNCTION app.next_change(_user_id bigint, _readings bigint) RETURNS TABLE(change_no bigint, changed_at timestamp with time zone)
    LANGUAGE sql
    BEGIN ATOMIC
 UPDATE app.change_sequences SET change_no = (change_sequences.change_no + 1), changed_at = GREATEST(date_trunc('milliseconds'::text, clock_timestamp()), (change_sequences.changed_at + '00:00:00.001'::interval)), reading_count = (change_sequences.reading_count + next_change._readings)
   WHERE (change_sequences.user_id = next_change._user_id)
   RETURNING change_sequences.change_no,
     change_sequences.changed_at;
END;

CREATE FUNCTION app.open_push(_user_id bigint, _session_id text, _fields jsonb, _push_id text, _body_hash bytea, _types integer[], _from timestamp with time zone[], _to timestamp with time zone[]) RETURNS TABLE(recording_id bigint, is_changed boolean, has_overlap boolean, reading_count bigint, archived jsonb, replay jsonb)
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
    select * into _push from app.pushes as p where p.recording_id = _old.id and p.push_id = _push_id;
    if found and _push.body_hash <> _body_hash then
        raise exception 'push_id was used for another body' using errcode = 'KX422';
    elsif found then
        return query select _old.id, false, false, 0::bigint, null::jsonb, _push.reply;
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

CREATE FUNCTION app.policy_age(_policy text, _table text) RETURNS interval
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    _age interval;
begin
    execute
        'select coalesce(config ->> ''drop_after'', config ->> ''compress_after'')::interval'
        ' from timescaledb_information.jobs'
        ' where proc_name = $1 and hypertable_schema = ''app'' and hypertable_name = $2'
    into _age using _policy, _table;
    return _age;
end
$_$;

CREATE TABLE app.sync_epoch (
    is_only boolean DEFAULT true NOT NULL,
    id uuid NOT NULL,
    fingerprint text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT sync_epoch_is_only_check CHECK (is_only)
);

CREATE FUNCTION app.pull_head(_user_id bigint) RETURNS TABLE(sync_epoch uuid, sync_epoch_at timestamp with time zone, change_no bigint, changed_at timestamp with time zone)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT g.id,
     g.created_at,
     c.change_no,
     c.changed_at
    FROM app.sync_epoch g,
     app.change_sequences c
   WHERE (c.user_id = pull_head._user_id);
END;

CREATE FUNCTION app.pull_sessions(_user_id bigint, _base bigint, _since timestamp with time zone, _session_ids text[], _from_id bigint, _offset bigint, _limit integer) RETURNS TABLE(id bigint, session_id text, start_time timestamp with time zone, end_time timestamp with time zone, is_active boolean, enabled_sensors jsonb, sample_rate double precision, data_count bigint, notes text, is_uploaded boolean, created_at timestamp with time zone, updated_at timestamp with time zone, archived_at timestamp with time zone, archived_count bigint, is_deleted boolean, total bigint)
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
             s.archived_count,
             s.archived_at,
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
     changed.archived_at,
     changed.archived_count,
     (changed.deleted_at IS NOT NULL),
     ( SELECT count(all_changed.id) AS count
            FROM changed all_changed) AS count
    FROM changed
   WHERE (changed.id >= pull_sessions._from_id)
   ORDER BY changed.id
  OFFSET pull_sessions._offset
  LIMIT pull_sessions._limit;
END;

CREATE FUNCTION app.queue_rank(_user_id bigint, _lane text) RETURNS integer
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT (count(*))::integer AS count
    FROM app.jobs j
   WHERE ((COALESCE(j.user_id, (0)::bigint) = COALESCE(queue_rank._user_id, (0)::bigint)) AND (j.lane = queue_rank._lane) AND (j.status = ANY (ARRAY['queued'::text, 'running'::text])) AND (j.queue_rank IS NOT NULL));
END;

CREATE FUNCTION app.rank_due_jobs(_limit integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    with due as (
        select j.id, j.user_id, j.lane, j.run_at
        from app.jobs as j
        where j.status = 'queued' and j.queue_rank is null and j.run_at <= clock_timestamp()
        order by j.run_at, j.id
        limit _limit
        for update skip locked
    ),

    ranked as (
        select
            due.id,
            app.queue_rank(due.user_id, due.lane)
            + row_number() over (partition by due.user_id, due.lane order by due.run_at, due.id) - 1 as queue_rank
        from due
    )
    update app.jobs as j set queue_rank = ranked.queue_rank from ranked where j.id = ranked.id;
end
$$;

CREATE FUNCTION app.readings_columns(_recording_id bigint, _sensor_type_id integer, _from timestamp with time zone, _to timestamp with time zone, _limit integer) RETURNS TABLE(sensor_type text, value_key text, readings bigint, extras bigint, last_at timestamp with time zone, recorded_at bytea, x bytea, y bytea, z bytea, value bytea, latitude bytea, longitude bytea, altitude bytea, accuracy bytea, speed bytea, bearing bytea)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 WITH slice AS (
          SELECT d.recording_id,
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
           WHERE ((d.recording_id = (readings_columns._recording_id)::integer) AND (d.sensor_type_id = readings_columns._sensor_type_id) AND ((d.recorded_at >= readings_columns._from) AND (d.recorded_at <= readings_columns._to)))
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

CREATE FUNCTION app.readings_json(_recording_id bigint, _sensor_type_id integer, _from timestamp with time zone, _to timestamp with time zone, _limit integer) RETURNS TABLE(body bytea, readings bigint, last_at timestamp with time zone)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 WITH sensor AS (
          SELECT format('{"sensor_type":%s,"timestamp":'::text, to_json(t.name)) AS head,
             format('%s:'::text, to_json(t.value_key)) AS value_key
            FROM app.sensor_types t
           WHERE (t.id = readings_json._sensor_type_id)
         ), slice AS (
          SELECT d.recording_id,
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
           WHERE ((d.recording_id = (readings_json._recording_id)::integer) AND (d.sensor_type_id = readings_json._sensor_type_id) AND ((d.recorded_at >= readings_json._from) AND (d.recorded_at <= readings_json._to)))
           ORDER BY d.recorded_at
          LIMIT readings_json._limit
         )
  SELECT convert_to(string_agg(((((sensor.head || ((round((date_part('epoch'::text, slice.recorded_at) * ('1000000'::numeric)::double precision)) / ('1000'::numeric)::double precision))::text) || ',"data":{'::text) || concat_ws(','::text, ('"x":'::text || slice.x), ('"y":'::text || slice.y), ('"z":'::text || slice.z), (sensor.value_key || slice.value), ('"latitude":'::text || slice.latitude), ('"longitude":'::text || slice.longitude), ('"altitude":'::text || slice.altitude), ('"accuracy":'::text || slice.accuracy), ('"speed":'::text || slice.speed), ('"bearing":'::text || slice.bearing), NULLIF(substr((slice.extra)::text, 2, (length((slice.extra)::text) - 2)), ''::text))) || '}}'::text), ','::text ORDER BY slice.recorded_at), 'UTF8'::name) AS convert_to,
     count(*) AS count,
     max(slice.recorded_at) AS max
    FROM slice,
     sensor;
END;

CREATE FUNCTION app.recent_jobs(_user_ids bigint[], _age interval) RETURNS SETOF app.jobs
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT j.id,
     j.task,
     j.lane,
     j.queue_rank,
     j.user_id,
     j.recording_id,
     j.change_no,
     j.session_id,
     j.arguments,
     j.status,
     j.progress,
     j.message,
     j.version,
     j.attempt,
     j.last_attempt,
     j.max_attempts,
     j.run_at,
     j.lease_until,
     j.created_at,
     j.started_at,
     j.finished_at,
     j.result,
     j.error
    FROM app.jobs j
   WHERE ((j.user_id = ANY (recent_jobs._user_ids)) AND ((j.status = ANY (ARRAY['queued'::text, 'running'::text])) OR (j.finished_at > (clock_timestamp() - recent_jobs._age))));
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

CREATE FUNCTION app.renew_leases(_ids uuid[], _attempts integer[], _lease interval) RETURNS SETOF uuid
    LANGUAGE sql
    BEGIN ATOMIC
 UPDATE app.jobs j SET lease_until = (clock_timestamp() + renew_leases._lease)
    FROM UNNEST(renew_leases._ids, renew_leases._attempts) own(id, attempt)
   WHERE ((j.id = own.id) AND (j.attempt = own.attempt) AND (j.status = 'running'::text))
   RETURNING j.id;
END;

CREATE FUNCTION app.renew_sync_epoch(_force boolean DEFAULT false) RETURNS TABLE(id uuid, created_at timestamp with time zone, is_new boolean)
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

CREATE FUNCTION app.report_progress(_id uuid, _attempt integer, _progress integer, _message text) RETURNS SETOF app.jobs
    LANGUAGE sql
    BEGIN ATOMIC
 UPDATE app.jobs SET progress = report_progress._progress, message = report_progress._message, version = (jobs.version + 1)
   WHERE ((jobs.id = report_progress._id) AND (jobs.attempt = report_progress._attempt) AND (jobs.status = 'running'::text))
   RETURNING jobs.id,
     jobs.task,
     jobs.lane,
     jobs.queue_rank,
     jobs.user_id,
     jobs.recording_id,
     jobs.change_no,
     jobs.session_id,
     jobs.arguments,
     jobs.status,
     jobs.progress,
     jobs.message,
     jobs.version,
     jobs.attempt,
     jobs.last_attempt,
     jobs.max_attempts,
     jobs.run_at,
     jobs.lease_until,
     jobs.created_at,
     jobs.started_at,
     jobs.finished_at,
     jobs.result,
     jobs.error;
END;

CREATE TABLE app.workers (
    name text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    running integer NOT NULL,
    lanes text[] DEFAULT '{}'::text[] NOT NULL,
    tasks text[] DEFAULT '{}'::text[] NOT NULL
);

CREATE FUNCTION app.report_unclaimed_jobs(_age interval) RETURNS SETOF app.jobs
    LANGUAGE sql
    BEGIN ATOMIC
 WITH alive AS (
          SELECT w.lanes,
             w.tasks
            FROM app.workers w
           WHERE (w.seen_at > (now() - '00:01:00'::interval))
         ), unclaimed AS (
          SELECT j.id,
                 CASE
                     WHEN (NOT (EXISTS ( SELECT
                        FROM alive
                       WHERE (j.task = ANY (alive.tasks))))) THEN 'no worker knows this task'::text
                     ELSE format('no worker serves the lane %s'::text, j.lane)
                 END AS reason
            FROM app.jobs j
           WHERE ((j.status = 'queued'::text) AND (j.run_at < (clock_timestamp() - report_unclaimed_jobs._age)) AND (NOT (EXISTS ( SELECT
                    FROM alive
                   WHERE ((j.lane = ANY (alive.lanes)) AND (j.task = ANY (alive.tasks)))))))
         )
  UPDATE app.jobs SET message = unclaimed.reason, version = (jobs.version + 1)
    FROM unclaimed
   WHERE ((jobs.id = unclaimed.id) AND (jobs.message IS DISTINCT FROM unclaimed.reason))
   RETURNING jobs.id,
     jobs.task,
     jobs.lane,
     jobs.queue_rank,
     jobs.user_id,
     jobs.recording_id,
     jobs.change_no,
     jobs.session_id,
     jobs.arguments,
     jobs.status,
     jobs.progress,
     jobs.message,
     jobs.version,
     jobs.attempt,
     jobs.last_attempt,
     jobs.max_attempts,
     jobs.run_at,
     jobs.lease_until,
     jobs.created_at,
     jobs.started_at,
     jobs.finished_at,
     jobs.result,
     jobs.error;
END;

CREATE FUNCTION app.retry_job(_id uuid) RETURNS SETOF app.jobs
    LANGUAGE sql
    BEGIN ATOMIC
 UPDATE app.jobs SET status = 'queued'::text, version = (jobs.version + 1), last_attempt = (jobs.attempt + jobs.max_attempts), queue_rank = NULL::integer, run_at = clock_timestamp(), error = NULL::text, message = NULL::text, finished_at = NULL::timestamp with time zone
   WHERE ((jobs.id = retry_job._id) AND (jobs.status = ANY (ARRAY['failed'::text, 'cancelled'::text])))
   RETURNING jobs.id,
     jobs.task,
     jobs.lane,
     jobs.queue_rank,
     jobs.user_id,
     jobs.recording_id,
     jobs.change_no,
     jobs.session_id,
     jobs.arguments,
     jobs.status,
     jobs.progress,
     jobs.message,
     jobs.version,
     jobs.attempt,
     jobs.last_attempt,
     jobs.max_attempts,
     jobs.run_at,
     jobs.lease_until,
     jobs.created_at,
     jobs.started_at,
     jobs.finished_at,
     jobs.result,
     jobs.error;
END;

CREATE FUNCTION app.rotate_refresh_token(_token_hash bytea, _successor_hash bytea, _lifetime interval, _grace interval DEFAULT '00:00:30'::interval) RETURNS TABLE(outcome text, user_id bigint, device_key bigint, login_id uuid)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    _token app.refresh_tokens;
    _login app.logins;
    _newest integer;
begin
    select f.* into _login
    from app.logins as f join app.refresh_tokens as t on t.login_id = f.id
    where t.token_hash = _token_hash
    for update of f;
    if not found then
        return query select 'unknown', null::bigint, null::bigint, null::uuid;
        return;
    end if;
    select t.* into _token from app.refresh_tokens as t where t.token_hash = _token_hash;
    select max(t.generation) into _newest from app.refresh_tokens as t where t.login_id = _login.id;

    if _login.revoked_at is not null or not exists (
        select from app.users as u where u.id = _login.user_id and u.is_active
    ) then
        outcome := 'revoked';
    elsif _token.used_at is null and _token.expires_at <= clock_timestamp() then
        outcome := 'expired';
    elsif _token.used_at is null then
        update app.refresh_tokens as t set used_at = clock_timestamp() where t.token_hash = _token_hash;
        insert into app.refresh_tokens (token_hash, login_id, generation, expires_at)
        values (_successor_hash, _login.id, _token.generation + 1, clock_timestamp() + _lifetime);
        delete from app.refresh_tokens as t where t.login_id = _login.id and t.expires_at <= clock_timestamp();
        outcome := 'rotated';
    elsif _token.generation = _newest - 1 and _token.used_at > clock_timestamp() - _grace then
        outcome := 'retried';
    else
        update app.logins as f set revoked_at = clock_timestamp() where f.id = _login.id;
        outcome := 'reused';
    end if;
    return query select outcome, _login.user_id, _login.device_key, _login.id;
end
$$;

CREATE FUNCTION app.set_retention(_name text, _days integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    update app.retention set days = _days where name = _name;
    perform app.apply_retention();
end
$$;

CREATE FUNCTION app.start_login(_user_id bigint, _device_id text, _token_hash bytea, _lifetime interval) RETURNS TABLE(user_id bigint, device_key bigint, login_id uuid)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    delete from app.logins as f
    where
        f.user_id = _user_id
        and not exists (
            select from app.refresh_tokens as t where t.login_id = f.id and t.expires_at > clock_timestamp()
        );
    insert into app.devices as d (user_id, device_id) values (_user_id, _device_id)
    on conflict on constraint devices_user_id_device_id_key do update set revoked_at = null
    returning d.id into start_login.device_key;
    insert into app.logins as f (user_id, device_key) values (_user_id, start_login.device_key)
    returning f.id into start_login.login_id;
    insert into app.refresh_tokens (token_hash, login_id, generation, expires_at)
    values (_token_hash, start_login.login_id, 1, clock_timestamp() + _lifetime);
    start_login.user_id := _user_id;
    return next;
end
$$;

CREATE FUNCTION app.start_scheduled_run(_schedule_id bigint, _scheduled_at timestamp with time zone, _job_id uuid, _lane text DEFAULT 'batch'::text, _max_attempts integer DEFAULT 3) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    _schedule app.schedules;
begin
    -- For update: as long as the schedule is there, it is as it was read.
    select * into _schedule from app.schedules where id = _schedule_id and is_active for update;
    if not found then
        return false;
    end if;
    insert into app.scheduled_runs (schedule_id, scheduled_at, job_id) values (_schedule_id, _scheduled_at, _job_id)
    on conflict do nothing;
    if not found then
        return false;
    end if;
    perform app.enqueue_job(
        _schedule.task, _lane, _schedule.args, _max_attempts => _max_attempts, _id => _job_id
    );
    return true;
end
$$;

CREATE FUNCTION app.sync_status(_user_id bigint, _logs integer DEFAULT 20) RETURNS jsonb
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT jsonb_build_object('sessions', ( SELECT count(*) AS count
            FROM app.recording_sessions s
           WHERE ((s.user_id = sync_status._user_id) AND (s.deleted_at IS NULL))), 'active_sessions', ( SELECT count(*) AS count
            FROM app.recording_sessions s
           WHERE ((s.user_id = sync_status._user_id) AND (s.deleted_at IS NULL) AND (s.end_time IS NULL))), 'readings', c.reading_count, 'server_timestamp', analytics.iso_time(c.changed_at), 'devices', ( SELECT COALESCE(jsonb_agg(jsonb_build_object('device_id', d.device_id, 'last_push_at', analytics.iso_time(d.last_push_at), 'last_pull_at', analytics.iso_time(d.last_pull_at)) ORDER BY d.id), '[]'::jsonb) AS "coalesce"
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
                     analytics.iso_time(l.server_timestamp) AS server_timestamp,
                     analytics.iso_time(l.created_at) AS created_at
                    FROM app.sync_logs l
                   WHERE (l.user_id = sync_status._user_id)
                   ORDER BY l.created_at DESC, l.id DESC
                  LIMIT sync_status._logs) log)) AS jsonb_build_object
    FROM app.change_sequences c
   WHERE (c.user_id = sync_status._user_id);
END;

CREATE FUNCTION app.task_lock(_task text) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    BEGIN ATOMIC
 SELECT hashtextextended(('koodtx maintenance '::text || _task), (0)::bigint) AS hashtextextended;
END;

CREATE FUNCTION app.timescaledb_schema() RETURNS text
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT (n.nspname)::text AS nspname
    FROM (pg_extension e
      JOIN pg_namespace n ON ((n.oid = e.extnamespace)))
   WHERE (e.extname = 'timescaledb'::name);
END;

CREATE FUNCTION app.upsert_readings(_recording_id bigint, _from timestamp with time zone, _to timestamp with time zone, _types integer[], _recorded_at timestamp with time zone[], _x double precision[], _y double precision[], _z double precision[], _value double precision[], _latitude double precision[], _longitude double precision[], _altitude double precision[], _accuracy double precision[], _speed double precision[], _bearing double precision[], _extra jsonb[]) RETURNS TABLE(sensor_type_id integer, inserted bigint, updated bigint, from_at timestamp with time zone, to_at timestamp with time zone)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
#variable_conflict use_column
begin
    perform app.lift_decompression_limit();
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
        select b.*, d.recording_id is null as is_new
        from batch as b
        -- Lateral, with a limit: each is looked up by its key, whatever the planner believes of a table that nobody
        -- has analysed yet. Many equal readings do not come here: the service compares them by whole columns.
        left join lateral (
            select e.* from app.sensor_data as e
            where e.recording_id = _recording_id::integer and e.sensor_type_id = b.sensor_type_id and e.recorded_at = b.recorded_at
                and e.recorded_at between _from and _to
            limit 1
        ) as d on true
        where d.recording_id is null
            or (d.x, d.y, d.z, d.value, d.latitude, d.longitude, d.altitude, d.accuracy, d.speed, d.bearing, d.extra)
            is distinct from
            (b.x, b.y, b.z, b.value, b.latitude, b.longitude, b.altitude, b.accuracy, b.speed, b.bearing, b.extra)
    ),
    written as (
        insert into app.sensor_data (
            recording_id, sensor_type_id, recorded_at,
            x, y, z, value, latitude, longitude, altitude, accuracy, speed, bearing, extra
        )
        select
            _recording_id, c.sensor_type_id, c.recorded_at,
            c.x, c.y, c.z, c.value, c.latitude, c.longitude, c.altitude, c.accuracy, c.speed, c.bearing, c.extra
        from changed as c
        on conflict (recording_id, sensor_type_id, recorded_at) do update
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

CREATE FUNCTION app.watched_jobs(_logins uuid[], _jobs uuid[]) RETURNS TABLE(login_id uuid, job_id uuid, version bigint)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT watched.login_id,
     watched.job_id,
     allowed.version
    FROM ((UNNEST(watched_jobs._logins, watched_jobs._jobs) watched(login_id, job_id)
      CROSS JOIN LATERAL app.active_login(watched.login_id) login(user_id, role, device_key))
      CROSS JOIN LATERAL app.may_see_job(login.user_id, watched.job_id, 'view'::text) allowed(version));
END;

CREATE FUNCTION app.watched_users(_logins uuid[]) RETURNS TABLE(login_id uuid, user_id bigint, change_no bigint)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT watched.login_id,
     login.user_id,
     c.change_no
    FROM ((unnest(watched_users._logins) watched(login_id)
      CROSS JOIN LATERAL app.active_login(watched.login_id) login(user_id, role, device_key))
      JOIN app.change_sequences c ON ((c.user_id = login.user_id)));
END;

CREATE FUNCTION app.yield_job(_id uuid, _attempt integer) RETURNS SETOF app.jobs
    LANGUAGE sql
    BEGIN ATOMIC
 UPDATE app.jobs SET status = 'queued'::text, version = (jobs.version + 1), last_attempt = (jobs.last_attempt + 1), lease_until = NULL::timestamp with time zone, run_at = clock_timestamp()
   WHERE ((jobs.id = yield_job._id) AND (jobs.attempt = yield_job._attempt) AND (jobs.status = 'running'::text))
   RETURNING jobs.id,
     jobs.task,
     jobs.lane,
     jobs.queue_rank,
     jobs.user_id,
     jobs.recording_id,
     jobs.change_no,
     jobs.session_id,
     jobs.arguments,
     jobs.status,
     jobs.progress,
     jobs.message,
     jobs.version,
     jobs.attempt,
     jobs.last_attempt,
     jobs.max_attempts,
     jobs.run_at,
     jobs.lease_until,
     jobs.created_at,
     jobs.started_at,
     jobs.finished_at,
     jobs.result,
     jobs.error;
END;

CREATE VIEW analytics.rollup_day AS
 SELECT user_id,
    recording_id,
    sensor_type_id,
    sensor,
    bucket,
    readings,
    rate_hz,
    place,
    axis,
    count,
    mean,
    std,
    min,
    max,
    moments
   FROM app.rollups r
  WHERE (bucket_minutes = 1440);

COMMENT ON VIEW analytics.rollup_day IS 'Mean and deviation per UTC day: one row per recording, sensor, UTC day and axis that has values, archived readings included. user_id: analytics.users.id; recording_id: analytics.sessions.recording_id; sensor_type_id, sensor: as in analytics.session_sensors. bucket: start of the UTC day. readings: number of readings of the sensor in it; rate_hz: (readings - 1) / seconds from the first to the last reading, NULL for one reading. axis: as in session_metrics(); place: its position in lists. count: number of values; mean, std (sample standard deviation, NULL for one value), min, max: in the unit the phone sent. moments: {n, sum, m2} as by analytics.moments(); float8_avg(analytics.merged_moments(moments)) and float8_stddev_samp(analytics.merged_moments(moments)) are mean and deviation of any rows together, whatever their buckets, sensors and recordings; a mean of means would be wrong.';

CREATE VIEW analytics.rollup_hour AS
 SELECT user_id,
    recording_id,
    sensor_type_id,
    sensor,
    bucket,
    readings,
    rate_hz,
    place,
    axis,
    count,
    mean,
    std,
    min,
    max,
    moments
   FROM app.rollups r
  WHERE (bucket_minutes = 60);

COMMENT ON VIEW analytics.rollup_hour IS 'Mean and deviation per hour: one row per recording, sensor, hour and axis that has values, archived readings included. user_id: analytics.users.id; recording_id: analytics.sessions.recording_id; sensor_type_id, sensor: as in analytics.session_sensors. bucket: start of the hour. readings: number of readings of the sensor in it; rate_hz: (readings - 1) / seconds from the first to the last reading, NULL for one reading. axis: as in session_metrics(); place: its position in lists. count: number of values; mean, std (sample standard deviation, NULL for one value), min, max: in the unit the phone sent. moments: {n, sum, m2} as by analytics.moments(); float8_avg(analytics.merged_moments(moments)) and float8_stddev_samp(analytics.merged_moments(moments)) are mean and deviation of any rows together, whatever their buckets, sensors and recordings; a mean of means would be wrong.';

CREATE VIEW analytics.sensor_distance AS
 SELECT s.user_id,
    m.recording_id,
    m.sensor_type_id,
    t.name AS sensor,
    m.bucket,
    recorded.seconds,
    (float8_avg(m.speed_moments) * recorded.seconds) AS distance_m
   FROM (((analytics.rollup_partials m
     JOIN app.recording_sessions s ON ((s.id = m.recording_id)))
     JOIN app.sensor_types t ON ((t.id = m.sensor_type_id)))
     CROSS JOIN LATERAL ( SELECT app.recorded_seconds(m.count, m.first_at, m.last_at) AS seconds) recorded)
  WHERE ((m.bucket_minutes = 1) AND (m.speed_moments IS NOT NULL));

COMMENT ON VIEW analytics.sensor_distance IS 'Distance per minute by the speed that the phone reported: one row per recording, sensor and minute with a speed, archived readings included. user_id: analytics.users.id; recording_id: analytics.sessions.recording_id; sensor_type_id, sensor: as in analytics.session_sensors. bucket: start of the minute. seconds: time recorded in it; distance_m: mean speed times seconds, in metres. Both can be summed over the minutes of one sensor. NULL: a single reading covers no time. session_distance() measures between positions, as long as the readings are stored.';

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

ALTER TABLE app.maintenance_runs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.maintenance_runs_id_seq
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
    recording_id bigint NOT NULL,
    push_id text NOT NULL,
    body_hash bytea NOT NULL,
    reply jsonb NOT NULL
);

ALTER TABLE app.recording_sessions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.recording_sessions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    MAXVALUE 2147483647
    CACHE 1
);

CREATE TABLE app.refresh_tokens (
    token_hash bytea NOT NULL,
    login_id uuid NOT NULL,
    generation integer NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

ALTER TABLE app.schedules ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.schedules_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
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

CREATE UNLOGGED TABLE app.tickets (
    ticket_hash bytea NOT NULL,
    login_id uuid NOT NULL,
    expires_at timestamp with time zone NOT NULL
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

INSERT INTO app._yoyo_log VALUES ('d299b716-eafb-11f1-8050-02fc00000001', 'b4363d325eccac37b1147773472089aa6db37c7b8b2d15c72adfa21d614f0495', '0001.create-schemas-and-roles', 'apply', 'root', 'host', NULL, '2026-11-28 07:17:51.617827');
INSERT INTO app._yoyo_log VALUES ('d29b5256-eafb-11f1-8050-02fc00000001', 'e439635bdc72615e6d50b3bdc7720fd7b7a9b30f138199fe123c710f379609fd', '0002.create-accounts', 'apply', 'root', 'host', NULL, '2026-11-28 07:17:51.628294');
INSERT INTO app._yoyo_log VALUES ('d29d25d6-eafb-11f1-8050-02fc00000001', '477c2774befb79d8837d88b8e360af9597f52a8545ec86f0ee8ef310758f401f', '0003.create-recordings', 'apply', 'root', 'host', NULL, '2026-11-28 07:17:51.640286');
INSERT INTO app._yoyo_log VALUES ('d29e0096-eafb-11f1-8050-02fc00000001', '8b21be6a7d01a1f35bbe1f9f8ba18d854354106e1099c807e62cb8e9eeeabc49', '0004.create-readings', 'apply', 'root', 'host', NULL, '2026-11-28 07:17:51.645841');
INSERT INTO app._yoyo_log VALUES ('d29e5f1e-eafb-11f1-8050-02fc00000001', '34bf8577f054499cc53dc4a24108cf4ba2f3d1f59f320b9e7b5ca4839da54893', '0005.create-sync-epoch', 'apply', 'root', 'host', NULL, '2026-11-28 07:17:51.648215');
INSERT INTO app._yoyo_log VALUES ('d29fa95a-eafb-11f1-8050-02fc00000001', 'a92e1c15dc0752700d7e97f9471b353bb84aaccb804d54959ec095c16a04eb38', '0006.create-jobs', 'apply', 'root', 'host', NULL, '2026-11-28 07:17:51.656707');
INSERT INTO app._yoyo_log VALUES ('d2a021a0-eafb-11f1-8050-02fc00000001', '73dafe7d1292a2d845aa064fc738cded1e7364def174cd34c37eca900620e3b7', '0007.create-tickets', 'apply', 'root', 'host', NULL, '2026-11-28 07:17:51.659745');
INSERT INTO app._yoyo_log VALUES ('d2a0d398-eafb-11f1-8050-02fc00000001', '5a4bacb0fb0edce850d2123c8001354ee4fe9c9dc5cefda0a7ed906775865f8e', '0008.create-archived-rollups', 'apply', 'root', 'host', NULL, '2026-11-28 07:17:51.664328');
INSERT INTO app._yoyo_log VALUES ('d2a23242-eafb-11f1-8050-02fc00000001', '49a6dbb374bcdbfd167a4048b86d53a30bac75faf0c12f3f3abe4fb7e6cbcd65', '0011.create-maintenance', 'apply', 'root', 'host', NULL, '2026-11-28 07:17:51.673318');
INSERT INTO app._yoyo_log VALUES ('d2a66bb4-eafb-11f1-8050-02fc00000001', 'afc839f7971d2940e4898054f4e57deea599848188619b2f8ec76e613aeb6920', '0009.portable-rollups', 'apply', 'root', 'host', NULL, '2026-11-28 07:17:51.701046');

INSERT INTO app._yoyo_version VALUES (2, '2026-11-28 07:17:51.572717');

INSERT INTO app.archived_ranges VALUES (3, 1, '2025-07-01 00:00:00+00', '2025-07-02 00:00:00+00');

INSERT INTO app.archived_rollups VALUES (1, 1, 3, '2025-07-01 08:53:00+00', 2, '2025-07-01 08:53:20+00', '2025-07-01 08:53:50+00', '{2,0.1,0.005000000000000001}', 0, 0.1, '{2,-0.4,0}', -0.2, -0.2, '{2,19.6,0}', 9.8, 9.8, '{2,19.604591292343073,1.3009314677972572e-07}', 9.802040603874278, 9.802550688468793, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.archived_rollups VALUES (1, 1, 3, '2025-07-01 08:54:00+00', 2, '2025-07-01 08:54:20+00', '2025-07-01 08:54:50+00', '{2,0.5,0.005000000000000009}', 0.2, 0.30000000000000004, '{2,-0.4,0}', -0.2, -0.2, '{2,19.6,0}', 9.8, 9.8, '{2,19.61071119310572,3.250299082448432e-06}', 9.804080783020916, 9.806630410084802, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.archived_rollups VALUES (1, 1, 3, '2025-07-01 08:55:00+00', 2, '2025-07-01 08:55:20+00', '2025-07-01 08:55:50+00', '{2,0.9,0.0049999999999999975}', 0.4, 0.5, '{2,-0.4,0}', -0.2, -0.2, '{2,19.6,0}', 9.8, 9.8, '{2,19.624983540596553,1.051565721856469e-05}', 9.810198774744578, 9.814784765851975, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.archived_rollups VALUES (60, 1, 3, '2025-07-01 08:00:00+00', 6, '2025-07-01 08:53:20+00', '2025-07-01 08:55:50+00', '{6,1.5,0.17500000000000004}', 0, 0.5, '{6,-1.2000000000000002,0}', -0.2, -0.2, '{6,58.800000000000004,0}', 9.8, 9.8, '{6,58.84028602604535,0.00012339552896033915}', 9.802040603874278, 9.814784765851975, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.archived_rollups VALUES (1440, 1, 3, '2025-07-01 00:00:00+00', 6, '2025-07-01 08:53:20+00', '2025-07-01 08:55:50+00', '{6,1.5,0.17500000000000004}', 0, 0.5, '{6,-1.2000000000000002,0}', -0.2, -0.2, '{6,58.800000000000004,0}', 9.8, 9.8, '{6,58.84028602604534,0.00012339552896035967}', 9.802040603874278, 9.814784765851975, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO app.change_sequences VALUES (1, 6, '2026-11-28 07:17:52.433+00', 28);

INSERT INTO app.deployed_sql VALUES ('c994358ca9e9eb046043a5110410d252725db46c350992e09cd24ad50982e9f0');

INSERT INTO app.devices OVERRIDING SYSTEM VALUE VALUES (1, 1, 'phone', '2026-11-28 07:17:52.339504+00', '2026-11-28 07:17:52.40865+00', NULL, NULL);

INSERT INTO app.jobs VALUES ('1eeaaadd-9904-4a94-8b0e-580e4b4ab7a7', 'erase_deleted_sessions', 'batch', 0, NULL, NULL, NULL, NULL, '{}', 'queued', 0, NULL, 1, 0, 3, 3, '2026-11-28 07:17:52.416695+00', NULL, '2026-11-28 07:17:52.413327+00', NULL, NULL, NULL, NULL);
INSERT INTO app.jobs VALUES ('117e3428-f045-4679-87d7-71a029630ce7', 'analyze_sensor_data', 'interactive', 0, 1, 1, 1, 'walk', '{"sensitivity": 3.0, "recording_id": 1, "accuracy_max_m": 20.0}', 'queued', 0, NULL, 1, 0, 3, 3, '2026-11-28 07:17:52.440725+00', NULL, '2026-11-28 07:17:52.437963+00', NULL, NULL, NULL, NULL);

INSERT INTO app.logins VALUES ('3543573e-5ec9-444d-b240-b40ef09195cb', 1, 1, '2026-11-28 07:17:52.339504+00', NULL);

INSERT INTO app.migration_checksums VALUES ('0001.create-schemas-and-roles', '3ddf1ef3e8d89be3dd4b5eab8ccec3d3ef7db0b413846301be7b272c4c526f7c');
INSERT INTO app.migration_checksums VALUES ('0002.create-accounts', 'ef7ed4c6d9ce95dfc83c695f5fe0dcef38be880a8088c6b79b5e590d25fe104a');
INSERT INTO app.migration_checksums VALUES ('0003.create-recordings', 'b1ec9576a5dba7ebbda178c7535470c6bcc6b05868d83bb67b4fd517359932b6');
INSERT INTO app.migration_checksums VALUES ('0004.create-readings', '55d5a1b04e5181ce991f842911f8a7cfb5d250be4974f6160e95ba5d32c1f490');
INSERT INTO app.migration_checksums VALUES ('0005.create-sync-epoch', 'cef9460a857886b72223cd7b71f4372ca61999bb2a4c8dfbb13842e53f7a60c5');
INSERT INTO app.migration_checksums VALUES ('0006.create-jobs', '6b0904b663b1a217332c1b6d429f16402e044808ef93396e25daacb65e0c2a3b');
INSERT INTO app.migration_checksums VALUES ('0007.create-tickets', 'a582b135a2cb3bc2d96df3cbc83c0bf109f2b6df7f87c64bd88015764cb08dfd');
INSERT INTO app.migration_checksums VALUES ('0008.create-archived-rollups', '1dc30b467efbfd972db92e2d54b41e711245444d73baaecbb3f344a0e5b03416');
INSERT INTO app.migration_checksums VALUES ('0011.create-maintenance', '37af1fa9d9d2b61bbc0018d3a746cc83e24a5d26078f108e31bf18c5c669843d');
INSERT INTO app.migration_checksums VALUES ('0009.portable-rollups', '7d187ae8003d847ebc193457b91bd55e4f90e74f4c2799b3407519b56320910e');

INSERT INTO app.pushes VALUES (1, 'p-walk', '\xdaae07682880533396d65197bd666c2c3ca6153b5b003cb2fd7129d43c672d24', '{"errors": 0, "message": "Sync completed successfully", "updated": 0, "archived": [], "inserted": 25, "rejected": [], "duplicates": 0, "session_id": "walk", "sync_log_id": 1, "total_records": 25, "server_timestamp": "2026-11-28T07:17:52.372000Z", "session_data_count": 25}');
INSERT INTO app.pushes VALUES (2, 'p-weeks later', '\xb11cfec37e44fde184d7fb7f9cd9b6f690b4450ef6bc2c72f5799f71457e9e2b', '{"errors": 0, "message": "Sync completed successfully", "updated": 0, "archived": [], "inserted": 3, "rejected": [], "duplicates": 0, "session_id": "weeks later", "sync_log_id": 2, "total_records": 3, "server_timestamp": "2026-11-28T07:17:52.389000Z", "session_data_count": 3}');
INSERT INTO app.pushes VALUES (3, 'p-archived', '\x090df88f8c628b24a239f1e9791560896f1e458a1bd30ccfa360cf2477e96435', '{"errors": 0, "message": "Sync completed successfully", "updated": 0, "archived": [], "inserted": 6, "rejected": [], "duplicates": 0, "session_id": "archived", "sync_log_id": 3, "total_records": 6, "server_timestamp": "2026-11-28T07:17:52.400000Z", "session_data_count": 6}');

INSERT INTO app.reading_changes VALUES (1, 1, 1, '2026-11-28 07:17:52.372+00', '2025-10-09 08:53:20+00', '2025-10-09 08:53:20.3895+00', 1);
INSERT INTO app.reading_changes VALUES (1, 2, 1, '2026-11-28 07:17:52.372+00', '2025-10-09 08:53:20+00', '2025-10-09 08:53:20.5+00', 1);
INSERT INTO app.reading_changes VALUES (1, 3, 1, '2026-11-28 07:17:52.372+00', '2025-10-09 08:53:20+00', '2025-10-09 08:53:22+00', 1);
INSERT INTO app.reading_changes VALUES (2, 1, 2, '2026-11-28 07:17:52.389+00', '2025-10-30 08:53:20+00', '2025-10-30 08:53:20.002+00', 1);
INSERT INTO app.reading_changes VALUES (3, 1, 3, '2026-11-28 07:17:52.4+00', '2025-07-01 08:53:20+00', '2025-07-01 08:55:50+00', 1);

INSERT INTO app.recording_sessions OVERRIDING SYSTEM VALUE VALUES (1, 1, 'walk', '2025-10-09 08:53:20+00', NULL, '["accelerometer", "gps", "barometer"]', 50, NULL, false, NULL, 25, 0, NULL, '2025-10-09 08:53:20+00', '2025-10-09 08:53:22+00', '2026-11-28 07:17:52.373347+00', '2026-11-28 07:17:52.361069+00', '2026-11-28 07:17:52.372+00', 1, NULL, NULL);
INSERT INTO app.recording_sessions OVERRIDING SYSTEM VALUE VALUES (2, 1, 'weeks later', '2025-10-09 08:53:20+00', '2025-10-30 09:00:00+00', NULL, NULL, 'the second', true, NULL, 3, 0, NULL, '2025-10-30 08:53:20+00', '2025-10-30 08:53:20.002+00', '2026-11-28 07:17:52.389998+00', '2026-11-28 07:17:52.380525+00', '2026-11-28 07:17:52.389+00', 2, NULL, NULL);
INSERT INTO app.recording_sessions OVERRIDING SYSTEM VALUE VALUES (4, 1, 'gone', NULL, NULL, NULL, NULL, NULL, false, NULL, 0, 0, NULL, '2025-10-09 08:53:20+00', '2025-10-09 08:53:20.0615+00', '2026-11-28 07:17:52.409159+00', '2026-11-28 07:17:52.405211+00', '2026-11-28 07:17:52.415+00', 5, '2026-11-28 07:17:52.415349+00', NULL);
INSERT INTO app.recording_sessions OVERRIDING SYSTEM VALUE VALUES (3, 1, 'archived', '2025-07-01 08:00:00+00', '2025-07-01 09:00:00+00', NULL, NULL, NULL, true, NULL, 6, 6, '2026-11-28 07:17:52.43407+00', '2025-07-01 08:53:20+00', '2025-07-01 08:55:50+00', '2026-11-28 07:17:52.400535+00', '2026-11-28 07:17:52.396277+00', '2026-11-28 07:17:52.433+00', 6, NULL, NULL);

INSERT INTO app.refresh_tokens VALUES ('\x5fc14ad1d9d5857b24d986d5bdf8f8bfeb206671f9090bfb40cb1e5fc37219ec', '3543573e-5ec9-444d-b240-b40ef09195cb', 1, '2026-12-28 07:17:52.34653+00', NULL);

INSERT INTO app.retention VALUES ('sensor-data', 30);
INSERT INTO app.retention VALUES ('ceiling', 400);
INSERT INTO app.retention VALUES ('sync-logs', 90);
INSERT INTO app.retention VALUES ('columnstore', 7);

INSERT INTO app.schedules OVERRIDING SYSTEM VALUE VALUES (1, 'erase-deleted-sessions', 'erase_deleted_sessions', '{}', 'daily', 0, 0, 'UTC', true, '2026-11-28 07:17:51.849662+00');
INSERT INTO app.schedules OVERRIDING SYSTEM VALUE VALUES (2, 'cleanup-failed-sessions', 'cleanup_failed_sessions', '{}', 'daily', 1, 0, 'UTC', true, '2026-11-28 07:17:51.84994+00');
INSERT INTO app.schedules OVERRIDING SYSTEM VALUE VALUES (3, 'cleanup-old-data', 'cleanup_old_sensor_data', '{}', 'daily', 2, 0, 'UTC', true, '2026-11-28 07:17:51.849957+00');
INSERT INTO app.schedules OVERRIDING SYSTEM VALUE VALUES (4, 'enforce-ceiling', 'enforce_ceiling', '{}', 'daily', 3, 0, 'UTC', true, '2026-11-28 07:17:51.850545+00');
INSERT INTO app.schedules OVERRIDING SYSTEM VALUE VALUES (5, 'cleanup-sync-logs', 'cleanup_old_sync_logs', '{}', 'weekly', 4, 0, 'UTC', true, '2026-11-28 07:17:51.850566+00');
INSERT INTO app.schedules OVERRIDING SYSTEM VALUE VALUES (6, 'optimize-database', 'optimize_database', '{}', 'weekly', 5, 0, 'UTC', true, '2026-11-28 07:17:51.850575+00');

INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20+00', 0, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.0205+00', 0.1, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.041+00', 0.2, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.0615+00', 0.30000000000000004, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.082+00', 0.4, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.1025+00', 0.5, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.123+00', 0.6000000000000001, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.1435+00', 0.7000000000000001, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.164+00', 0.8, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.1845+00', 0.9, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.205+00', 1, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.2255+00', 1.1, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.246+00', 1.2000000000000002, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.2665+00', 1.3, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.287+00', 1.4000000000000001, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.3075+00', 1.5, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.328+00', 1.6, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.3485+00', 1.7000000000000002, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.369+00', 1.8, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 1, '2025-10-09 08:53:20.3895+00', 1.9000000000000001, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 2, '2025-10-09 08:53:20+00', NULL, NULL, NULL, 1013.25, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 2, '2025-10-09 08:53:20.5+00', NULL, NULL, NULL, 1013.25, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (1, 3, '2025-10-09 08:53:20+00', NULL, NULL, NULL, NULL, 37.5, 127, NULL, 5, 1.4, NULL, '{"provider": "fused"}');
INSERT INTO app.sensor_data VALUES (1, 3, '2025-10-09 08:53:21+00', NULL, NULL, NULL, NULL, 37.5001, 127, NULL, 5, 1.4, NULL, '{"provider": "fused"}');
INSERT INTO app.sensor_data VALUES (1, 3, '2025-10-09 08:53:22+00', NULL, NULL, NULL, NULL, 37.5002, 127, NULL, 5, 1.4, NULL, '{"provider": "fused"}');
INSERT INTO app.sensor_data VALUES (2, 1, '2025-10-30 08:53:20+00', 0, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (2, 1, '2025-10-30 08:53:20.001+00', 0.1, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (2, 1, '2025-10-30 08:53:20.002+00', 0.2, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (4, 1, '2025-10-09 08:53:20+00', 0, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (4, 1, '2025-10-09 08:53:20.0205+00', 0.1, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (4, 1, '2025-10-09 08:53:20.041+00', 0.2, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO app.sensor_data VALUES (4, 1, '2025-10-09 08:53:20.0615+00', 0.30000000000000004, -0.2, 9.8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO app.sensor_types OVERRIDING SYSTEM VALUE VALUES (1, 'accelerometer', 'value', 1);
INSERT INTO app.sensor_types OVERRIDING SYSTEM VALUE VALUES (2, 'barometer', 'pressure', 1);
INSERT INTO app.sensor_types OVERRIDING SYSTEM VALUE VALUES (3, 'gps', 'value', 1);

INSERT INTO app.sync_epoch VALUES (true, '0cd38f69-7458-4f22-b1b8-0278eccf674f', '7713118182559495570/1/17225', '2026-11-28 07:17:52.3+00');

INSERT INTO app.sync_logs OVERRIDING SYSTEM VALUE VALUES (1, '2026-11-28 07:17:52.361069+00', 1, 1, 'push', 'success', 25, 25, 0, 0, 0, '{accelerometer,barometer,gps}', 2736, NULL, '2026-11-28 07:17:52.372+00', NULL);
INSERT INTO app.sync_logs OVERRIDING SYSTEM VALUE VALUES (2, '2026-11-28 07:17:52.380525+00', 1, 1, 'push', 'success', 3, 3, 0, 0, 0, '{accelerometer}', 449, NULL, '2026-11-28 07:17:52.389+00', NULL);
INSERT INTO app.sync_logs OVERRIDING SYSTEM VALUE VALUES (3, '2026-11-28 07:17:52.396277+00', 1, 1, 'push', 'success', 6, 6, 0, 0, 0, '{accelerometer}', 714, NULL, '2026-11-28 07:17:52.4+00', NULL);
INSERT INTO app.sync_logs OVERRIDING SYSTEM VALUE VALUES (4, '2026-11-28 07:17:52.405211+00', 1, 1, 'push', 'success', 4, 4, 0, 0, 0, '{accelerometer}', 496, NULL, '2026-11-28 07:17:52.408+00', NULL);

INSERT INTO app.users OVERRIDING SYSTEM VALUE VALUES (1, 'mina', 'mina@example.org', NULL, '$argon2id$v=19$m=19456,t=2,p=1$2Z5STUYnaQEaxjA5Tq+b7w$AEBoqUOsYMkyI5DwDcu4savuI/WRoeQZNvrwfkF0biM', 'user', 'UTC', true, '2026-11-28 07:17:52.339504+00');

INSERT INTO app.yoyo_migration VALUES ('b4363d325eccac37b1147773472089aa6db37c7b8b2d15c72adfa21d614f0495', '0001.create-schemas-and-roles', '2026-11-28 07:17:51.618585');
INSERT INTO app.yoyo_migration VALUES ('e439635bdc72615e6d50b3bdc7720fd7b7a9b30f138199fe123c710f379609fd', '0002.create-accounts', '2026-11-28 07:17:51.628654');
INSERT INTO app.yoyo_migration VALUES ('477c2774befb79d8837d88b8e360af9597f52a8545ec86f0ee8ef310758f401f', '0003.create-recordings', '2026-11-28 07:17:51.64065');
INSERT INTO app.yoyo_migration VALUES ('8b21be6a7d01a1f35bbe1f9f8ba18d854354106e1099c807e62cb8e9eeeabc49', '0004.create-readings', '2026-11-28 07:17:51.646148');
INSERT INTO app.yoyo_migration VALUES ('34bf8577f054499cc53dc4a24108cf4ba2f3d1f59f320b9e7b5ca4839da54893', '0005.create-sync-epoch', '2026-11-28 07:17:51.648477');
INSERT INTO app.yoyo_migration VALUES ('a92e1c15dc0752700d7e97f9471b353bb84aaccb804d54959ec095c16a04eb38', '0006.create-jobs', '2026-11-28 07:17:51.657113');
INSERT INTO app.yoyo_migration VALUES ('73dafe7d1292a2d845aa064fc738cded1e7364def174cd34c37eca900620e3b7', '0007.create-tickets', '2026-11-28 07:17:51.659984');
INSERT INTO app.yoyo_migration VALUES ('5a4bacb0fb0edce850d2123c8001354ee4fe9c9dc5cefda0a7ed906775865f8e', '0008.create-archived-rollups', '2026-11-28 07:17:51.664607');
INSERT INTO app.yoyo_migration VALUES ('49a6dbb374bcdbfd167a4048b86d53a30bac75faf0c12f3f3abe4fb7e6cbcd65', '0011.create-maintenance', '2026-11-28 07:17:51.673613');
INSERT INTO app.yoyo_migration VALUES ('afc839f7971d2940e4898054f4e57deea599848188619b2f8ec76e613aeb6920', '0009.portable-rollups', '2026-11-28 07:17:51.70307');

SELECT pg_catalog.setval('app.devices_id_seq', 1, true);

SELECT pg_catalog.setval('app.maintenance_runs_id_seq', 1, false);

SELECT pg_catalog.setval('app.recording_sessions_id_seq', 4, true);

SELECT pg_catalog.setval('app.schedules_id_seq', 6, true);

SELECT pg_catalog.setval('app.sensor_types_id_seq', 3, true);

SELECT pg_catalog.setval('app.sync_logs_id_seq', 4, true);

SELECT pg_catalog.setval('app.users_id_seq', 1, true);

ALTER TABLE ONLY app._yoyo_log
    ADD CONSTRAINT _yoyo_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app._yoyo_version
    ADD CONSTRAINT _yoyo_version_pkey PRIMARY KEY (version);

ALTER TABLE ONLY app.archived_ranges
    ADD CONSTRAINT archived_ranges_pkey PRIMARY KEY (recording_id, sensor_type_id, from_at);

ALTER TABLE ONLY app.archived_rollups
    ADD CONSTRAINT archived_rollups_pkey PRIMARY KEY (recording_id, bucket_minutes, sensor_type_id, bucket);

ALTER TABLE ONLY app.change_sequences
    ADD CONSTRAINT change_sequences_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY app.devices
    ADD CONSTRAINT devices_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.devices
    ADD CONSTRAINT devices_user_id_device_id_key UNIQUE (user_id, device_id);

ALTER TABLE ONLY app.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.logins
    ADD CONSTRAINT logins_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.maintenance_runs
    ADD CONSTRAINT maintenance_runs_job_id_key UNIQUE (job_id);

ALTER TABLE ONLY app.maintenance_runs
    ADD CONSTRAINT maintenance_runs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.migration_checksums
    ADD CONSTRAINT migration_checksums_pkey PRIMARY KEY (name);

ALTER TABLE ONLY app.pushes
    ADD CONSTRAINT pushes_pkey PRIMARY KEY (recording_id, push_id);

ALTER TABLE ONLY app.reading_changes
    ADD CONSTRAINT reading_changes_pkey PRIMARY KEY (recording_id, sensor_type_id, change_no);

ALTER TABLE ONLY app.recording_sessions
    ADD CONSTRAINT recording_sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.recording_sessions
    ADD CONSTRAINT recording_sessions_user_id_session_id_key UNIQUE (user_id, session_id);

ALTER TABLE ONLY app.refresh_tokens
    ADD CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY app.retention
    ADD CONSTRAINT retention_pkey PRIMARY KEY (name);

ALTER TABLE ONLY app.scheduled_runs
    ADD CONSTRAINT scheduled_runs_pkey PRIMARY KEY (schedule_id, scheduled_at);

ALTER TABLE ONLY app.schedules
    ADD CONSTRAINT schedules_name_key UNIQUE (name);

ALTER TABLE ONLY app.schedules
    ADD CONSTRAINT schedules_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.sensor_data
    ADD CONSTRAINT sensor_data_pkey PRIMARY KEY (recording_id, sensor_type_id, recorded_at);

ALTER TABLE ONLY app.sensor_types
    ADD CONSTRAINT sensor_types_name_key UNIQUE (name);

ALTER TABLE ONLY app.sensor_types
    ADD CONSTRAINT sensor_types_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.sync_epoch
    ADD CONSTRAINT sync_epoch_pkey PRIMARY KEY (is_only);

ALTER TABLE ONLY app.sync_logs
    ADD CONSTRAINT sync_logs_pkey PRIMARY KEY (created_at, id);

ALTER TABLE ONLY app.tickets
    ADD CONSTRAINT tickets_pkey PRIMARY KEY (ticket_hash);

ALTER TABLE ONLY app.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.workers
    ADD CONSTRAINT workers_pkey PRIMARY KEY (name);

ALTER TABLE ONLY app.yoyo_lock
    ADD CONSTRAINT yoyo_lock_pkey PRIMARY KEY (locked);

ALTER TABLE ONLY app.yoyo_migration
    ADD CONSTRAINT yoyo_migration_pkey PRIMARY KEY (migration_hash);

CREATE INDEX archived_rollups_bucket_idx ON app.archived_rollups USING btree (bucket_minutes, bucket);

CREATE INDEX jobs_lease_until_idx ON app.jobs USING btree (lease_until) WHERE (status = 'running'::text);

CREATE INDEX jobs_next_idx ON app.jobs USING btree (lane, queue_rank, run_at) WHERE ((status = 'queued'::text) AND (queue_rank IS NOT NULL));

CREATE INDEX jobs_question_idx ON app.jobs USING btree (user_id, task, recording_id);

CREATE INDEX jobs_unfinished_idx ON app.jobs USING btree (COALESCE(user_id, (0)::bigint), lane) WHERE (status = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE INDEX jobs_user_id_idx ON app.jobs USING btree (user_id, created_at DESC, id DESC) INCLUDE (version);

CREATE INDEX jobs_waiting_idx ON app.jobs USING btree (run_at) WHERE ((status = 'queued'::text) AND (queue_rank IS NULL));

CREATE INDEX logins_user_id_idx ON app.logins USING btree (user_id);

CREATE INDEX maintenance_runs_started_at_idx ON app.maintenance_runs USING btree (started_at DESC);

CREATE INDEX maintenance_runs_task_idx ON app.maintenance_runs USING btree (task, started_at DESC);

CREATE INDEX reading_changes_to_at_idx ON app.reading_changes USING btree (recording_id, sensor_type_id, to_at);

CREATE INDEX recording_sessions_erasable_idx ON app.recording_sessions USING btree (id) WHERE ((deleted_at IS NOT NULL) AND (erased_at IS NULL));

CREATE INDEX recording_sessions_user_id_change_no_idx ON app.recording_sessions USING btree (user_id, change_no);

CREATE INDEX recording_sessions_user_id_id_idx ON app.recording_sessions USING btree (user_id, id);

CREATE INDEX recording_sessions_user_id_updated_at_idx ON app.recording_sessions USING btree (user_id, updated_at);

CREATE INDEX refresh_tokens_login_id_idx ON app.refresh_tokens USING btree (login_id, generation);

CREATE INDEX scheduled_runs_job_id_idx ON app.scheduled_runs USING btree (job_id);

CREATE INDEX sensor_types_created_by_idx ON app.sensor_types USING btree (created_by);

CREATE INDEX sync_logs_user_id_idx ON app.sync_logs USING btree (user_id, created_at DESC);

CREATE INDEX tickets_expires_at_idx ON app.tickets USING btree (expires_at);

CREATE UNIQUE INDEX users_email_key ON app.users USING btree (lower(email));

CREATE UNIQUE INDEX users_username_key ON app.users USING btree (lower(username));

ALTER TABLE ONLY app.archived_ranges
    ADD CONSTRAINT archived_ranges_recording_id_fkey FOREIGN KEY (recording_id) REFERENCES app.recording_sessions(id);

ALTER TABLE ONLY app.archived_ranges
    ADD CONSTRAINT archived_ranges_sensor_type_id_fkey FOREIGN KEY (sensor_type_id) REFERENCES app.sensor_types(id);

ALTER TABLE ONLY app.archived_rollups
    ADD CONSTRAINT archived_rollups_recording_id_fkey FOREIGN KEY (recording_id) REFERENCES app.recording_sessions(id);

ALTER TABLE ONLY app.archived_rollups
    ADD CONSTRAINT archived_rollups_sensor_type_id_fkey FOREIGN KEY (sensor_type_id) REFERENCES app.sensor_types(id);

ALTER TABLE ONLY app.change_sequences
    ADD CONSTRAINT change_sequences_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users(id);

ALTER TABLE ONLY app.devices
    ADD CONSTRAINT devices_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users(id);

ALTER TABLE ONLY app.jobs
    ADD CONSTRAINT jobs_recording_id_fkey FOREIGN KEY (recording_id) REFERENCES app.recording_sessions(id);

ALTER TABLE ONLY app.jobs
    ADD CONSTRAINT jobs_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users(id);

ALTER TABLE ONLY app.logins
    ADD CONSTRAINT logins_device_key_fkey FOREIGN KEY (device_key) REFERENCES app.devices(id);

ALTER TABLE ONLY app.logins
    ADD CONSTRAINT logins_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users(id);

ALTER TABLE ONLY app.pushes
    ADD CONSTRAINT pushes_recording_id_fkey FOREIGN KEY (recording_id) REFERENCES app.recording_sessions(id);

ALTER TABLE ONLY app.reading_changes
    ADD CONSTRAINT reading_changes_device_key_fkey FOREIGN KEY (device_key) REFERENCES app.devices(id);

ALTER TABLE ONLY app.reading_changes
    ADD CONSTRAINT reading_changes_recording_id_fkey FOREIGN KEY (recording_id) REFERENCES app.recording_sessions(id);

ALTER TABLE ONLY app.reading_changes
    ADD CONSTRAINT reading_changes_sensor_type_id_fkey FOREIGN KEY (sensor_type_id) REFERENCES app.sensor_types(id);

ALTER TABLE ONLY app.recording_sessions
    ADD CONSTRAINT recording_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users(id);

ALTER TABLE ONLY app.refresh_tokens
    ADD CONSTRAINT refresh_tokens_login_id_fkey FOREIGN KEY (login_id) REFERENCES app.logins(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.scheduled_runs
    ADD CONSTRAINT scheduled_runs_schedule_id_fkey FOREIGN KEY (schedule_id) REFERENCES app.schedules(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.sensor_types
    ADD CONSTRAINT sensor_types_created_by_fkey FOREIGN KEY (created_by) REFERENCES app.users(id);

ALTER TABLE ONLY app.tickets
    ADD CONSTRAINT tickets_login_id_fkey FOREIGN KEY (login_id) REFERENCES app.logins(id) ON DELETE CASCADE;

GRANT USAGE ON SCHEMA analytics TO koodtx_app;
GRANT USAGE ON SCHEMA analytics TO koodtx_analyst;

GRANT USAGE ON SCHEMA app TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.recording_sessions TO koodtx_app;

GRANT SELECT ON TABLE analytics.sessions TO koodtx_app;
GRANT SELECT ON TABLE analytics.sessions TO koodtx_analyst;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.sensor_data TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.sensor_types TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.stored_readings TO koodtx_app;
GRANT SELECT ON TABLE app.stored_readings TO koodtx_analyst;

REVOKE ALL ON FUNCTION app.stored_session_readings(_recording bigint, _from timestamp with time zone, _to timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.stored_session_readings(_recording bigint, _from timestamp with time zone, _to timestamp with time zone) TO koodtx_app;
GRANT ALL ON FUNCTION app.stored_session_readings(_recording bigint, _from timestamp with time zone, _to timestamp with time zone) TO koodtx_analyst;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.archived_ranges TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.archived_rollups TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.hour_partials TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.day_partials TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.minute_partials TO koodtx_app;

GRANT SELECT ON TABLE analytics.rollup_partials TO koodtx_app;
GRANT SELECT ON TABLE analytics.rollup_partials TO koodtx_analyst;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.rollups TO koodtx_app;
GRANT SELECT ON TABLE app.rollups TO koodtx_analyst;

GRANT SELECT ON TABLE analytics.rollup_minute TO koodtx_app;
GRANT SELECT ON TABLE analytics.rollup_minute TO koodtx_analyst;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.users TO koodtx_app;

GRANT SELECT ON TABLE analytics.users TO koodtx_app;
GRANT SELECT ON TABLE analytics.users TO koodtx_analyst;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.reading_changes TO koodtx_app;

GRANT SELECT ON TABLE analytics.session_sensors TO koodtx_app;
GRANT SELECT ON TABLE analytics.session_sensors TO koodtx_analyst;

REVOKE ALL ON FUNCTION app.column_moments(_recording bigint, _from timestamp with time zone, _to timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.column_moments(_recording bigint, _from timestamp with time zone, _to timestamp with time zone) TO koodtx_app;
GRANT ALL ON FUNCTION app.column_moments(_recording bigint, _from timestamp with time zone, _to timestamp with time zone) TO koodtx_analyst;

REVOKE ALL ON FUNCTION app.extra_axis_limit() FROM PUBLIC;
GRANT ALL ON FUNCTION app.extra_axis_limit() TO koodtx_app;
GRANT ALL ON FUNCTION app.extra_axis_limit() TO koodtx_analyst;

REVOKE ALL ON FUNCTION app.other_moments(_recording bigint, _sensor_type_ids integer[], _from timestamp with time zone, _to timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.other_moments(_recording bigint, _sensor_type_ids integer[], _from timestamp with time zone, _to timestamp with time zone) TO koodtx_app;
GRANT ALL ON FUNCTION app.other_moments(_recording bigint, _sensor_type_ids integer[], _from timestamp with time zone, _to timestamp with time zone) TO koodtx_analyst;

GRANT SELECT ON TABLE analytics.readings TO koodtx_app;
GRANT SELECT ON TABLE analytics.readings TO koodtx_analyst;

REVOKE ALL ON FUNCTION app.recorded_seconds(_readings bigint, _first_at timestamp with time zone, _last_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.recorded_seconds(_readings bigint, _first_at timestamp with time zone, _last_at timestamp with time zone) TO koodtx_app;
GRANT ALL ON FUNCTION app.recorded_seconds(_readings bigint, _first_at timestamp with time zone, _last_at timestamp with time zone) TO koodtx_analyst;

REVOKE ALL ON FUNCTION app.abandoned_sessions(_cutoff timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.abandoned_sessions(_cutoff timestamp with time zone) TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.devices TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.logins TO koodtx_app;

REVOKE ALL ON FUNCTION app.active_login(_login_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.active_login(_login_id uuid) TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.maintenance_runs TO koodtx_app;

REVOKE ALL ON FUNCTION app.advance_run(_id bigint, _rows bigint, _bytes bigint, _sessions bigint, _recording_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.advance_run(_id bigint, _rows bigint, _bytes bigint, _sessions bigint, _recording_id bigint) TO koodtx_app;

REVOKE ALL ON FUNCTION app.annotate_session(_user_id bigint, _session_id text, _notes text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.annotate_session(_user_id bigint, _session_id text, _notes text) TO koodtx_app;

REVOKE ALL ON FUNCTION app.apply_retention() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.archive_days(_recording_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.archive_days(_recording_id bigint) TO koodtx_app;

REVOKE ALL ON FUNCTION app.archive_old_session(_id bigint, _cutoff timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.archive_old_session(_id bigint, _cutoff timestamp with time zone) TO koodtx_app;

REVOKE ALL ON FUNCTION app.archive_readings(_recording_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.archive_readings(_recording_id bigint) TO koodtx_app;

REVOKE ALL ON FUNCTION app.archive_rollups(_recording_id bigint, _from timestamp with time zone, _to timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.archive_rollups(_recording_id bigint, _from timestamp with time zone, _to timestamp with time zone) TO koodtx_app;

REVOKE ALL ON FUNCTION app.begin_run(_task text, _arguments jsonb, _age interval, _is_dry_run boolean, _is_guarded boolean, _is_confirmed boolean, _job_id uuid, _host_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.begin_run(_task text, _arguments jsonb, _age interval, _is_dry_run boolean, _is_guarded boolean, _is_confirmed boolean, _job_id uuid, _host_now timestamp with time zone) TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.jobs TO koodtx_app;

REVOKE ALL ON FUNCTION app.cancel_job(_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.cancel_job(_id uuid) TO koodtx_app;

REVOKE ALL ON FUNCTION app.changed_ranges(_recording_id bigint, _base bigint, _since timestamp with time zone, _without bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.changed_ranges(_recording_id bigint, _base bigint, _since timestamp with time zone, _without bigint) TO koodtx_app;

REVOKE ALL ON FUNCTION app.changed_sessions(_user_id bigint, _after bigint, _limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.changed_sessions(_user_id bigint, _after bigint, _limit integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.claim_job(_lease interval, _tasks text[], _lanes text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.claim_job(_lease interval, _tasks text[], _lanes text[]) TO koodtx_app;

REVOKE ALL ON FUNCTION app.close_session(_id bigint, _cutoff timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.close_session(_id bigint, _cutoff timestamp with time zone) TO koodtx_app;

REVOKE ALL ON FUNCTION app.create_user(_username text, _email text, _password_hash text, _role text, _timezone text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.create_user(_username text, _email text, _password_hash text, _role text, _timezone text) TO koodtx_app;

REVOKE ALL ON FUNCTION app.delete_session(_user_id bigint, _session_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.delete_session(_user_id bigint, _session_id text) TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.sync_logs TO koodtx_app;

REVOKE ALL ON FUNCTION app.delete_sync_logs(_cutoff timestamp with time zone, _limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.delete_sync_logs(_cutoff timestamp with time zone, _limit integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.drop_empty_chunk(_cutoff timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.drop_empty_chunk(_cutoff timestamp with time zone) TO koodtx_app;

REVOKE ALL ON FUNCTION app.drop_log_chunk(_cutoff timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.drop_log_chunk(_cutoff timestamp with time zone) TO koodtx_app;

REVOKE ALL ON FUNCTION app.local_instant(_local timestamp without time zone, _timezone text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.local_instant(_local timestamp without time zone, _timezone text) TO koodtx_app;

REVOKE ALL ON FUNCTION app.latest_scheduled_at(_frequency text, _hour integer, _minute integer, _timezone text, _now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.latest_scheduled_at(_frequency text, _hour integer, _minute integer, _timezone text, _now timestamp with time zone) TO koodtx_app;

REVOKE ALL ON FUNCTION app.now() FROM PUBLIC;
GRANT ALL ON FUNCTION app.now() TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.scheduled_runs TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.schedules TO koodtx_app;

REVOKE ALL ON FUNCTION app.due_runs() FROM PUBLIC;
GRANT ALL ON FUNCTION app.due_runs() TO koodtx_app;

REVOKE ALL ON FUNCTION app.edition() FROM PUBLIC;
GRANT ALL ON FUNCTION app.edition() TO koodtx_app;

REVOKE ALL ON FUNCTION app.end_run(_id bigint, _details jsonb, _error text, _is_paused boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION app.end_run(_id bigint, _details jsonb, _error text, _is_paused boolean) TO koodtx_app;

REVOKE ALL ON PROCEDURE app.enforce_ceiling(IN _job_id integer, IN _config jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.enqueue_job(_task text, _lane text, _arguments jsonb, _user_id bigint, _recording_id bigint, _change_no bigint, _max_attempts integer, _run_at timestamp with time zone, _id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.enqueue_job(_task text, _lane text, _arguments jsonb, _user_id bigint, _recording_id bigint, _change_no bigint, _max_attempts integer, _run_at timestamp with time zone, _id uuid) TO koodtx_app;

REVOKE ALL ON FUNCTION app.erase_readings(_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.erase_readings(_limit integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.find_answer(_user_id bigint, _task text, _arguments jsonb, _recording_id bigint, _change_no bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.find_answer(_user_id bigint, _task text, _arguments jsonb, _recording_id bigint, _change_no bigint) TO koodtx_app;

REVOKE ALL ON FUNCTION app.finish_job(_id uuid, _attempt integer, _result jsonb, _error text, _is_final boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION app.finish_job(_id uuid, _attempt integer, _result jsonb, _error text, _is_final boolean) TO koodtx_app;

REVOKE ALL ON FUNCTION app.finish_push(_recording_id bigint, _device_key bigint, _push jsonb, _reply jsonb, _types integer[], _from timestamp with time zone[], _to timestamp with time zone[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.finish_push(_recording_id bigint, _device_key bigint, _push jsonb, _reply jsonb, _types integer[], _from timestamp with time zone[], _to timestamp with time zone[]) TO koodtx_app;

REVOKE ALL ON FUNCTION app.guard_reason(_task text, _cutoff timestamp with time zone, _host_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.guard_reason(_task text, _cutoff timestamp with time zone, _host_now timestamp with time zone) TO koodtx_app;

REVOKE ALL ON FUNCTION app.has_due_job(_tasks text[], _lanes text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.has_due_job(_tasks text[], _lanes text[]) TO koodtx_app;

REVOKE ALL ON FUNCTION app.has_policies() FROM PUBLIC;
GRANT ALL ON FUNCTION app.has_policies() TO koodtx_app;

REVOKE ALL ON FUNCTION app.hold_queued_job(_task text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.hold_queued_job(_task text) TO koodtx_app;

REVOKE ALL ON FUNCTION app.idle_sessions(_cutoff timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.idle_sessions(_cutoff timestamp with time zone) TO koodtx_app;

REVOKE ALL ON FUNCTION app.index_statistics() FROM PUBLIC;
GRANT ALL ON FUNCTION app.index_statistics() TO koodtx_app;

REVOKE ALL ON FUNCTION app.init_schedules(_timezone text, _force boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION app.init_schedules(_timezone text, _force boolean) TO koodtx_app;

REVOKE ALL ON FUNCTION app.is_hypertable(_table regclass) FROM PUBLIC;
GRANT ALL ON FUNCTION app.is_hypertable(_table regclass) TO koodtx_app;

REVOKE ALL ON FUNCTION app.lift_decompression_limit() FROM PUBLIC;
GRANT ALL ON FUNCTION app.lift_decompression_limit() TO koodtx_app;

REVOKE ALL ON FUNCTION app.list_jobs(_task text, _lane text, _statuses text[], _username text, _limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.list_jobs(_task text, _lane text, _statuses text[], _username text, _limit integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.list_own_jobs(_user_id bigint, _tasks text[], _status text, _session_id text, _before uuid, _limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.list_own_jobs(_user_id bigint, _tasks text[], _status text, _session_id text, _before uuid, _limit integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.readable_sessions(_user_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.readable_sessions(_user_id bigint) TO koodtx_app;

REVOKE ALL ON FUNCTION app.list_sessions(_user_id bigint, _session_id text, _before bigint, _limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.list_sessions(_user_id bigint, _session_id text, _before bigint, _limit integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.may_vacuum(_table regclass) FROM PUBLIC;
GRANT ALL ON FUNCTION app.may_vacuum(_table regclass) TO koodtx_app;

REVOKE ALL ON FUNCTION app.old_sync_logs(_cutoff timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.old_sync_logs(_cutoff timestamp with time zone) TO koodtx_app;

REVOKE ALL ON FUNCTION app.table_bytes(_table regclass) FROM PUBLIC;
GRANT ALL ON FUNCTION app.table_bytes(_table regclass) TO koodtx_app;

REVOKE ALL ON FUNCTION app.stored_readings_size() FROM PUBLIC;
GRANT ALL ON FUNCTION app.stored_readings_size() TO koodtx_app;

GRANT SELECT,MAINTAIN ON TABLE app.retention TO koodtx_app;

REVOKE ALL ON FUNCTION app.retention_effects() FROM PUBLIC;
GRANT ALL ON FUNCTION app.retention_effects() TO koodtx_app;

REVOKE ALL ON FUNCTION app.storage_forecast() FROM PUBLIC;
GRANT ALL ON FUNCTION app.storage_forecast() TO koodtx_app;

REVOKE ALL ON FUNCTION app.table_statistics() FROM PUBLIC;
GRANT ALL ON FUNCTION app.table_statistics() TO koodtx_app;

REVOKE ALL ON FUNCTION app.maintenance_report() FROM PUBLIC;
GRANT ALL ON FUNCTION app.maintenance_report() TO koodtx_app;

REVOKE ALL ON FUNCTION app.may_read_session(_user_id bigint, _recording_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.may_read_session(_user_id bigint, _recording_id bigint) TO koodtx_app;

REVOKE ALL ON FUNCTION app.may_see_job(_user_id bigint, _job_id uuid, _action text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.may_see_job(_user_id bigint, _job_id uuid, _action text) TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.change_sequences TO koodtx_app;

REVOKE ALL ON FUNCTION app.next_change(_user_id bigint, _readings bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.next_change(_user_id bigint, _readings bigint) TO koodtx_app;

REVOKE ALL ON FUNCTION app.open_push(_user_id bigint, _session_id text, _fields jsonb, _push_id text, _body_hash bytea, _types integer[], _from timestamp with time zone[], _to timestamp with time zone[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.open_push(_user_id bigint, _session_id text, _fields jsonb, _push_id text, _body_hash bytea, _types integer[], _from timestamp with time zone[], _to timestamp with time zone[]) TO koodtx_app;

REVOKE ALL ON FUNCTION app.policy_age(_policy text, _table text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.policy_age(_policy text, _table text) TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.sync_epoch TO koodtx_app;

REVOKE ALL ON FUNCTION app.pull_head(_user_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.pull_head(_user_id bigint) TO koodtx_app;

REVOKE ALL ON FUNCTION app.pull_sessions(_user_id bigint, _base bigint, _since timestamp with time zone, _session_ids text[], _from_id bigint, _offset bigint, _limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.pull_sessions(_user_id bigint, _base bigint, _since timestamp with time zone, _session_ids text[], _from_id bigint, _offset bigint, _limit integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.queue_rank(_user_id bigint, _lane text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.queue_rank(_user_id bigint, _lane text) TO koodtx_app;

REVOKE ALL ON FUNCTION app.rank_due_jobs(_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.rank_due_jobs(_limit integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.readings_columns(_recording_id bigint, _sensor_type_id integer, _from timestamp with time zone, _to timestamp with time zone, _limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.readings_columns(_recording_id bigint, _sensor_type_id integer, _from timestamp with time zone, _to timestamp with time zone, _limit integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.readings_json(_recording_id bigint, _sensor_type_id integer, _from timestamp with time zone, _to timestamp with time zone, _limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.readings_json(_recording_id bigint, _sensor_type_id integer, _from timestamp with time zone, _to timestamp with time zone, _limit integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.recent_jobs(_user_ids bigint[], _age interval) FROM PUBLIC;
GRANT ALL ON FUNCTION app.recent_jobs(_user_ids bigint[], _age interval) TO koodtx_app;

REVOKE ALL ON FUNCTION app.register_sensor_types(_user_id bigint, _names text[], _value_keys text[], _limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.register_sensor_types(_user_id bigint, _names text[], _value_keys text[], _limit integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.renew_leases(_ids uuid[], _attempts integer[], _lease interval) FROM PUBLIC;
GRANT ALL ON FUNCTION app.renew_leases(_ids uuid[], _attempts integer[], _lease interval) TO koodtx_app;

REVOKE ALL ON FUNCTION app.renew_sync_epoch(_force boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION app.renew_sync_epoch(_force boolean) TO koodtx_app;

REVOKE ALL ON FUNCTION app.report_progress(_id uuid, _attempt integer, _progress integer, _message text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.report_progress(_id uuid, _attempt integer, _progress integer, _message text) TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.workers TO koodtx_app;

REVOKE ALL ON FUNCTION app.report_unclaimed_jobs(_age interval) FROM PUBLIC;
GRANT ALL ON FUNCTION app.report_unclaimed_jobs(_age interval) TO koodtx_app;

REVOKE ALL ON FUNCTION app.retry_job(_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.retry_job(_id uuid) TO koodtx_app;

REVOKE ALL ON FUNCTION app.rotate_refresh_token(_token_hash bytea, _successor_hash bytea, _lifetime interval, _grace interval) FROM PUBLIC;
GRANT ALL ON FUNCTION app.rotate_refresh_token(_token_hash bytea, _successor_hash bytea, _lifetime interval, _grace interval) TO koodtx_app;

REVOKE ALL ON FUNCTION app.set_retention(_name text, _days integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.start_login(_user_id bigint, _device_id text, _token_hash bytea, _lifetime interval) FROM PUBLIC;
GRANT ALL ON FUNCTION app.start_login(_user_id bigint, _device_id text, _token_hash bytea, _lifetime interval) TO koodtx_app;

REVOKE ALL ON FUNCTION app.start_scheduled_run(_schedule_id bigint, _scheduled_at timestamp with time zone, _job_id uuid, _lane text, _max_attempts integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.start_scheduled_run(_schedule_id bigint, _scheduled_at timestamp with time zone, _job_id uuid, _lane text, _max_attempts integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.sync_status(_user_id bigint, _logs integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.sync_status(_user_id bigint, _logs integer) TO koodtx_app;

REVOKE ALL ON FUNCTION app.task_lock(_task text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.task_lock(_task text) TO koodtx_app;

REVOKE ALL ON FUNCTION app.timescaledb_schema() FROM PUBLIC;
GRANT ALL ON FUNCTION app.timescaledb_schema() TO koodtx_app;

REVOKE ALL ON FUNCTION app.upsert_readings(_recording_id bigint, _from timestamp with time zone, _to timestamp with time zone, _types integer[], _recorded_at timestamp with time zone[], _x double precision[], _y double precision[], _z double precision[], _value double precision[], _latitude double precision[], _longitude double precision[], _altitude double precision[], _accuracy double precision[], _speed double precision[], _bearing double precision[], _extra jsonb[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.upsert_readings(_recording_id bigint, _from timestamp with time zone, _to timestamp with time zone, _types integer[], _recorded_at timestamp with time zone[], _x double precision[], _y double precision[], _z double precision[], _value double precision[], _latitude double precision[], _longitude double precision[], _altitude double precision[], _accuracy double precision[], _speed double precision[], _bearing double precision[], _extra jsonb[]) TO koodtx_app;

REVOKE ALL ON FUNCTION app.watched_jobs(_logins uuid[], _jobs uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.watched_jobs(_logins uuid[], _jobs uuid[]) TO koodtx_app;

REVOKE ALL ON FUNCTION app.watched_users(_logins uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.watched_users(_logins uuid[]) TO koodtx_app;

REVOKE ALL ON FUNCTION app.yield_job(_id uuid, _attempt integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.yield_job(_id uuid, _attempt integer) TO koodtx_app;

GRANT SELECT ON TABLE analytics.rollup_day TO koodtx_app;
GRANT SELECT ON TABLE analytics.rollup_day TO koodtx_analyst;

GRANT SELECT ON TABLE analytics.rollup_hour TO koodtx_app;
GRANT SELECT ON TABLE analytics.rollup_hour TO koodtx_analyst;

GRANT SELECT ON TABLE analytics.sensor_distance TO koodtx_app;
GRANT SELECT ON TABLE analytics.sensor_distance TO koodtx_analyst;

GRANT SELECT,MAINTAIN ON TABLE app._yoyo_log TO koodtx_app;

GRANT SELECT,MAINTAIN ON TABLE app._yoyo_version TO koodtx_app;

GRANT SELECT,MAINTAIN ON TABLE app.deployed_sql TO koodtx_app;

GRANT SELECT,MAINTAIN ON TABLE app.migration_checksums TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.pushes TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.refresh_tokens TO koodtx_app;

GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE app.tickets TO koodtx_app;

GRANT SELECT,MAINTAIN ON TABLE app.yoyo_lock TO koodtx_app;

GRANT SELECT,MAINTAIN ON TABLE app.yoyo_migration TO koodtx_app;
