-- depends: 0009.community-rollups

-- Segments are the key by which pushes and deletes find rows, so both touch few batches. A week after its end a chunk
-- changes little; what comes later goes to its rowstore and is moved by the next run.
do $$
declare
    _schema text := (
        select extnamespace::regnamespace::text from pg_catalog.pg_extension where extname = 'timescaledb'
    );
begin
    alter table app.sensor_data set (
        timescaledb.enable_columnstore,
        timescaledb.segmentby = 'recording_id, sensor_type_id',
        timescaledb.orderby = 'recorded_at'
    );
    execute format('call %s.add_columnstore_policy(%L, after => interval ''7 days'')', _schema, 'app.sensor_data');
end
$$;
