-- Each setting of retention: its days, the task that keeps to it, and what that task would free if it ran now, by the
-- database's clock. The counts of columnstore are NULL: what compression saves is not known before.
create or replace function app.retention_effects()
returns table (name text, days integer, task text, is_applied boolean, row_count bigint, byte_count bigint)
language sql
volatile
begin atomic
    with settings as (
        select r.name, r.days, app.now() - make_interval(days => r.days) as cutoff
        from app.retention as r
    )
    select
        s.name, s.days,
        case s.name
            when 'sensor-data' then 'cleanup_old_sensor_data'
            when 'ceiling' then 'enforce_ceiling'
            when 'sync-logs' then 'cleanup_old_sync_logs'
            when 'uploaded-files' then 'cleanup_uploaded_files'
            when 'webhook-deliveries' then 'cleanup_webhook_deliveries'
        end,
        s.name <> 'columnstore' or app.has_policies(),
        case
            when s.name = 'sync-logs' then (select o.row_count from app.old_sync_logs(s.cutoff) as o)
            when s.name = 'uploaded-files' then (select count(e.key) from app.expired_objects(s.cutoff) as e)
            when s.name = 'webhook-deliveries' then (select count(o.delivery_id) from app.old_deliveries(s.cutoff) as o)
            when s.name <> 'columnstore' then archivable.readings
        end,
        case
            when s.name = 'sync-logs' then (select o.byte_count from app.old_sync_logs(s.cutoff) as o)
            when s.name = 'uploaded-files'
                then (select coalesce(sum(e.byte_count), 0)::bigint from app.expired_objects(s.cutoff) as e)
            when s.name = 'webhook-deliveries'
                then (select coalesce(sum(o.byte_count), 0)::bigint from app.old_deliveries(s.cutoff) as o)
            when s.name <> 'columnstore' then (archivable.readings * stored.bytes_per_reading)::bigint
        end
    from settings as s
    cross join app.stored_readings_size() as stored
    cross join lateral (
        select coalesce(sum(i.readings) filter (where i.is_complete or s.name = 'ceiling'), 0)::bigint as readings
        from app.idle_sessions(s.cutoff) as i
    ) as archivable
    order by array_position(
        array['sensor-data', 'ceiling', 'sync-logs', 'uploaded-files', 'webhook-deliveries', 'columnstore'], s.name
    );
end;
