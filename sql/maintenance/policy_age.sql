-- The age at which a policy of TimescaleDB (policy_retention, policy_compression) takes effect on a chunk; NULL: the
-- policy does not exist.
create or replace function app.policy_age(_policy text, _table text)
returns interval
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _age interval;
begin
    execute
        'select coalesce(config ->> ''drop_after'', config ->> ''compress_after'')::interval'
        ' from timescaledb_information.jobs'
        ' where proc_name = $1 and hypertable_schema = ''app'' and hypertable_name = $2'
    into _age using _policy, _table;
    return _age;
end
$$;
