-- Number of readings in app.sensor_data, and how many bytes each takes there with indexes and compression (0: there are
-- none).
create or replace function app.stored_readings_size()
returns table (readings bigint, total_bytes bigint, bytes_per_reading double precision)
language sql
stable
begin atomic
    select
        stored.readings, stored.total_bytes,
        coalesce(stored.total_bytes::double precision / nullif(stored.readings, 0), 0)
    from (
        select
            coalesce(sum(s.data_count - s.archived_count), 0)::bigint as readings,
            app.table_bytes('app.sensor_data') as total_bytes
        from app.recording_sessions as s
    ) as stored;
end;
