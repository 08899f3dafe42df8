-- The schema in which TimescaleDB's functions are, not quoted; NULL: this database has no such extension. Migrations
-- run before this function exists and look it up themselves.
create or replace function app.timescaledb_schema()
returns text
language sql
stable
begin atomic
    select n.nspname::text
    from pg_catalog.pg_extension as e
    join pg_catalog.pg_namespace as n on n.oid = e.extnamespace
    where e.extname = 'timescaledb';
end;
