-- Last, and the only place that grants.
grant usage on schema app to koodtx_app;
grant select, insert, update, delete on all tables in schema app to koodtx_app;
-- What migrations keep of themselves is theirs alone.
revoke insert, update, delete on app.migration_checksums, app.deployed_sql from koodtx_app;
revoke insert, update, delete on app.yoyo_migration, app._yoyo_log, app._yoyo_version, app.yoyo_lock from koodtx_app;
-- How long things are kept is the owner's to say.
revoke insert, update, delete on app.retention from koodtx_app;
-- Vacuuming and analysing. PostgreSQL 15 and 16 do not know the privilege: there only owners do it.
do $$
begin
    if current_setting('server_version_num')::integer >= 170000 then
        execute 'grant maintain on all tables in schema app to koodtx_app';
    end if;
end
$$;
revoke execute on all routines in schema app from public;
grant execute on all functions in schema app to koodtx_app;
revoke execute on function app.set_retention, app.apply_retention from koodtx_app;
grant usage on schema analytics to koodtx_app, koodtx_analyst;
grant select on all tables in schema analytics to koodtx_app, koodtx_analyst;
-- Their own views; what they keep there is theirs to drop.
grant usage, create on schema analysts to koodtx_analyst;
-- What functions of analytics read; without usage of app an analyst reaches these through them alone.
grant select on
    app.stored_readings, app.stored_fixes, app.archived_ranges, app.archived_distance, app.rollups,
    app.archived_counters, app.archived_labels, app.api_labels, app.archived_sketches, app.archived_epochs,
    app.archived_rollups
to koodtx_analyst;
grant execute on function
    app.stored_session_readings, app.other_moments, app.stored_moments, app.archived_moments,
    app.extra_partials, app.extra_axis_limit, app.axis_place, app.axis_name, app.bucket_starts, app.user_buckets,
    app.user_sensors, app.counter_minutes, app.counter_partials, app.counter_step, app.counter_join,
    app.counter_total, app.label_text, app.label_spans, app.local_instant, app.local_hour_start, app.readings_between,
    app.has_own_pace, app.gravity, app.max_speed_m_s, app.stored_tracks, app.possible_fixes, app.stay_legs,
    app.track_minutes, app.stored_distance, app.track_stays, app.counted_sensor, app.user_track, app.places,
    app.placed_stays, app.sensor_coverage, app.stored_sketches, app.sketch_count, app.approx_percentiles,
    app.stored_epochs, app.stored_steps, app.named_axis, app.axis_readings, app.stored_axes,
    app.track_days, app.user_axes, app.checked_number, app.checked_multiple, app.checked_word
to koodtx_analyst;
-- Of who logs in as koodtx_analyst itself; members have settings of their own. One that the server's administrator has
-- chosen stays. A guard against accidents: who is logged in may set another.
do $$
begin
    if not exists (
        select from pg_catalog.pg_roles as r, unnest(r.rolconfig) as c (setting)
        where r.rolname = 'koodtx_analyst' and c.setting like 'statement_timeout=%'
    ) then
        alter role koodtx_analyst set statement_timeout = '60s';
    end if;
exception
    when insufficient_privilege then
        raise notice 'a superuser may run: alter role koodtx_analyst set statement_timeout = ''60s''';
    -- Roles belong to the whole server: another database of it may be setting it just now.
    when internal_error then
        null;
end
$$;
