-- Last, and the only place that grants.
grant usage on schema app to koodtx_app;
grant select, insert, update, delete on all tables in schema app to koodtx_app;
-- What migrations keep of themselves is theirs alone.
revoke insert, update, delete on app.migration_checksums, app.deployed_sql from koodtx_app;
revoke insert, update, delete on app.yoyo_migration, app._yoyo_log, app._yoyo_version, app.yoyo_lock from koodtx_app;
revoke execute on all functions in schema app from public;
grant execute on all functions in schema app to koodtx_app;
grant usage on schema analytics to koodtx_app, koodtx_analyst;
grant select on all tables in schema analytics to koodtx_app, koodtx_analyst;
-- What functions of analytics read; without usage of app an analyst reaches these through them alone.
grant select on app.stored_readings to koodtx_analyst;
grant execute on function app.stored_session_readings, app.column_moments, app.other_moments to koodtx_analyst;
