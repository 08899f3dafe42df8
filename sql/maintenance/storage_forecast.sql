-- How storage will grow if readings arrive as in the last 30 days (or since the first push, if that was less than 30
-- days ago, but at least a day). `bytes_in_*_days`: size of the database without any clean-up; `settled_bytes`: what
-- readings will take when clean-up removes as many per day as arrive, without rollups.
create or replace function app.storage_forecast()
returns jsonb
language sql
volatile
begin atomic
    with arrived as (
        select
            coalesce(sum(l.inserted_count), 0) as readings,
            least(30, greatest(1, extract(epoch from app.now() - min(l.created_at)) / 86400)) as days
        from app.sync_logs as l
        where l.created_at > app.now() - interval '30 days' and l.sync_type = 'push' and l.status = 'success'
    ),
    daily as (
        select
            coalesce(arrived.readings / arrived.days, 0)::double precision as readings, stored.bytes_per_reading,
            pg_database_size(current_database()) as database_bytes
        from arrived cross join app.stored_readings_size() as stored
    )
    select jsonb_build_object(
        'readings_per_day', round(d.readings::numeric, 1)::double precision,
        'bytes_per_reading', round(d.bytes_per_reading::numeric, 1)::double precision,
        'bytes_per_day', (d.readings * d.bytes_per_reading)::bigint,
        'bytes_in_30_days', d.database_bytes + (d.readings * d.bytes_per_reading * 30)::bigint,
        'bytes_in_90_days', d.database_bytes + (d.readings * d.bytes_per_reading * 90)::bigint,
        'bytes_in_365_days', d.database_bytes + (d.readings * d.bytes_per_reading * 365)::bigint,
        'settled_bytes', (
            d.readings * d.bytes_per_reading * (select r.days from app.retention as r where r.name = 'sensor-data')
        )::bigint
    )
    from daily as d;
end;
