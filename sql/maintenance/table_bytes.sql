-- Bytes of a table on disk, including indexes; of a hypertable, of all its chunks, compressed or not.
create or replace function app.table_bytes(_table regclass)
returns bigint
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _bytes bigint;
begin
    if not app.is_hypertable(_table) then
        return pg_total_relation_size(_table);
    end if;
    execute format('select %I.hypertable_size($1)', app.timescaledb_schema()) into _bytes using _table;
    return _bytes;
end
$$;
