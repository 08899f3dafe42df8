-- Drops one chunk of app.sensor_data that ended before _cutoff and is empty; returns the bytes it took. NULL: there is
-- none. Whether it is empty is checked again when nobody can write: with the hypertable locked and not only the chunk,
-- a waiting push makes itself a new chunk. Gives up after waiting for a second, with lock_not_available.
create or replace function app.drop_empty_chunk(_cutoff timestamptz)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
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
$$;
