-- Creates the default schedules that are missing, in a time zone; _force: also resets those that are there. Returns how
-- many. TimescaleDB Community enqueues the job of the ceiling by a job of its own.
create or replace function app.init_schedules(_timezone text, _force boolean)
returns bigint
language sql
volatile
begin atomic
    with made as (
        insert into app.schedules as s (name, task, frequency, hour, timezone, created_at, due_from)
        select d.name, d.task, d.frequency, d.hour, _timezone, now.at, now.at
        from (select app.now() as at) as now
        cross join (
            values
                ('store-rollups', 'store_rollups', 'hourly', 0),
                -- What a job that failed or was cancelled has left.
                ('erase-deleted-sessions', 'erase_deleted_sessions', 'daily', 0),
                ('cleanup-failed-sessions', 'cleanup_failed_sessions', 'daily', 1),
                ('cleanup-old-data', 'cleanup_old_sensor_data', 'daily', 2),
                ('recommend-daily', 'recommend_daily', 'daily', 4),
                ('enforce-ceiling', 'enforce_ceiling', 'daily', 3),
                ('cleanup-uploaded-files', 'cleanup_uploaded_files', 'daily', 6),
                ('cleanup-webhook-deliveries', 'cleanup_webhook_deliveries', 'daily', 7),
                ('cleanup-sync-logs', 'cleanup_old_sync_logs', 'weekly', 4),
                ('optimize-database', 'optimize_database', 'weekly', 5)
        ) as d (name, task, frequency, hour)
        where d.task not in ('enforce_ceiling', 'store_rollups')
            or d.task = 'enforce_ceiling' and not app.has_policies()
            -- What continuous aggregates do.
            or d.task = 'store_rollups' and app.edition() <> 'community'
        on conflict (name) do update
        set
            task = excluded.task, args = '{}', frequency = excluded.frequency, hour = excluded.hour, minute = 0,
            timezone = excluded.timezone, is_active = true, created_at = excluded.created_at,
            due_from = excluded.due_from
        where _force
        returning s.id
    )
    select count(made.id) from made;
end;
