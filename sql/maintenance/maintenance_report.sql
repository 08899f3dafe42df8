-- The state of storage and of maintenance as one JSON document: totals, tables, retention, runs of the last 30 days,
-- background jobs of TimescaleDB, forecast.
create or replace function app.maintenance_report()
returns jsonb
language sql
volatile
begin atomic
    select jsonb_build_object(
        'created_at', analytics.iso_time(app.now()),
        'edition', app.edition(),
        'totals', (
            select jsonb_build_object(
                'users', (select count(*) from app.users),
                'sessions', count(*) filter (where s.deleted_at is null),
                'active_sessions', count(*) filter (where s.deleted_at is null and s.end_time is null),
                'archived_sessions', count(*) filter (where s.deleted_at is null and s.archived_at is not null),
                'readings_stored', (select r.readings from app.stored_readings_size() as r),
                'readings_archived', coalesce(sum(s.archived_count), 0),
                'sessions_to_store', (select count(w.recording_id) from app.sessions_to_store() as w),
                'database_bytes', pg_database_size(current_database())
            )
            from app.recording_sessions as s
        ),
        'tables', (
            select jsonb_agg(jsonb_build_object(
                'name', t.name, 'rows', t.row_count, 'dead_rows', t.dead_row_count, 'bytes', t.byte_count,
                'chunks', t.chunk_count,
                'vacuumed_at', analytics.iso_time(t.vacuumed_at), 'analyzed_at', analytics.iso_time(t.analyzed_at)
            ) order by t.byte_count desc, t.name asc)
            from app.table_statistics() as t
        ),
        'retention', (
            select jsonb_agg(jsonb_build_object(
                'name', e.name, 'days', e.days, 'task', e.task, 'is_applied', e.is_applied,
                'rows', e.row_count, 'bytes', e.byte_count
            ))
            from app.retention_effects() as e
        ),
        'runs', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'task', r.task, 'job_id', r.job_id, 'is_dry_run', r.is_dry_run, 'status', r.status,
                'started_at', analytics.iso_time(r.started_at), 'finished_at', analytics.iso_time(r.finished_at),
                'cutoff_at', analytics.iso_time(r.cutoff_at),
                'sessions', r.session_count, 'rows_freed', r.rows_freed, 'bytes_freed', r.bytes_freed, 'error', r.error
            ) order by r.started_at desc, r.id desc), '[]')
            from app.maintenance_runs as r where r.started_at > app.now() - interval '30 days'
        ),
        'timescaledb_jobs', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'name', j.name, 'status', j.last_status, 'last_run_at', analytics.iso_time(j.last_run_at),
                'runs', j.runs, 'failures', j.failures, 'error', j.error
            ) order by j.job_id), '[]')
            from app.timescaledb_jobs() as j
        ),
        'forecast', app.storage_forecast()
    );
end;
