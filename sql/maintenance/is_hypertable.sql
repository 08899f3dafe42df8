-- Whether a table is a hypertable; false on a database without the extension, or created with KOODTX_TIMESCALEDB=off.
-- plpgsql with execute, because the view it reads exists with the extension only.
create or replace function app.is_hypertable(_table regclass)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
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
$$;
