-- Which database this is: community (TimescaleDB under its own licence), apache (TimescaleDB Apache-2) or plain.
-- plpgsql with execute, because the function asked exists in the first two only.
create or replace function app.edition()
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
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
