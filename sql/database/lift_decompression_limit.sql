-- To the end of the transaction, a statement may change as many readings of compressed chunks as it has to: batches are
-- decompressed whole, and by default an error ends the statement at 100,000.
-- A function's own `set` would need the parameter to be known where the function is made.
create or replace function app.lift_decompression_limit()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_setting('timescaledb.max_tuples_decompressed_per_dml_transaction', true) is not null then
        perform set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true);
    end if;
end
$$;
