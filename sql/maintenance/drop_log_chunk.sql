-- Drops the oldest chunk of app.sync_logs if all of it is before _cutoff; returns its rows and bytes. No row: there is
-- none. Gives up after waiting a second for readers, with lock_not_available.
create or replace function app.drop_log_chunk(_cutoff timestamptz)
returns table (row_count bigint, byte_count bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
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
$$;
