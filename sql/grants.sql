-- Last, and the only place that grants.
grant usage on schema app to koodtx_app;
grant select, insert, update, delete on all tables in schema app to koodtx_app;
revoke execute on all functions in schema app from public;
grant execute on all functions in schema app to koodtx_app;
grant usage on schema analytics to koodtx_app, koodtx_analyst;
grant select on all tables in schema analytics to koodtx_app, koodtx_analyst;
