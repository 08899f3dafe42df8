-- Sets up the jobs of TimescaleDB Community after app.retention: old chunks of the sync log are dropped, chunks of
-- readings move to the columnstore, sessions beyond the ceiling are archived. On other editions it does nothing:
-- schedules do that work. For the database owner, who owns these jobs. A job that is already right stays; a new one
-- starts a day later.
create or replace function app.apply_retention()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _schema text := app.timescaledb_schema();
    _logs interval := (select make_interval(days => r.days) from app.retention as r where r.name = 'sync-logs');
    _columnar interval := (select make_interval(days => r.days) from app.retention as r where r.name = 'columnstore');
    _tomorrow timestamptz := clock_timestamp() + interval '1 day';
begin
    if not app.has_policies() then
        return;
    end if;
    if app.policy_age('policy_retention', 'sync_logs') is distinct from _logs then
        execute format(
            'select %1$I.remove_retention_policy(''app.sync_logs'', if_exists => true);'
            ' select %1$I.add_retention_policy(''app.sync_logs'', drop_after => %2$L::interval, initial_start => %3$L)',
            _schema, _logs, _tomorrow
        );
    end if;
    -- NULL: there is no columnstore.
    if app.policy_age('policy_compression', 'sensor_data') <> _columnar then
        execute format('call %I.remove_columnstore_policy(''app.sensor_data'')', _schema);
        execute format(
            'call %I.add_columnstore_policy(''app.sensor_data'', after => %L::interval, initial_start => %L)',
            _schema, _columnar, _tomorrow
        );
    end if;
    -- Each run reads the ceiling, so the job is created once.
    execute format(
        'select %I.add_job(''app.enforce_ceiling'', ''1 day'', initial_start => %L)'
        ' where not exists ('
        '     select from timescaledb_information.jobs where proc_schema = ''app'' and proc_name = ''enforce_ceiling'''
        ' )',
        _schema, _tomorrow
    );
end
$$;
