-- depends: 0003.create-recordings

-- No foreign key and no second index: measured 1.6 to 2.2 times slower inserts. A push checks the session once.
create table app.sensor_data (
    -- Four bytes, so that a key has sixteen: only then does PostgreSQL split pages of the index after what was inserted
    -- last (_bt_afternewitemoff), and a batch leaves them full. Measured: 32 bytes per reading instead of 62.
    recording_id integer not null,
    sensor_type_id integer not null,
    recorded_at timestamptz not null,
    x double precision,
    y double precision,
    z double precision,
    value double precision,
    latitude double precision,
    longitude double precision,
    altitude double precision,
    accuracy double precision,
    speed double precision,
    bearing double precision,
    extra jsonb,
    primary key (recording_id, sensor_type_id, recorded_at)
);

-- For people: nothing reads it to decide which changes to send.
create table app.sync_logs (
    id bigint generated always as identity,
    created_at timestamptz not null default now(),
    user_id bigint not null,
    device_key bigint,
    sync_type text not null check (sync_type in ('push', 'pull')),
    status text not null check (status in ('success', 'failed')),
    total_records bigint not null default 0,
    inserted_count bigint not null default 0,
    updated_count bigint not null default 0,
    duplicate_count bigint not null default 0,
    error_count bigint not null default 0,
    sensor_types text[],
    data_bytes bigint,
    error text,
    server_timestamp timestamptz,
    last_sync_time timestamptz,
    primary key (created_at, id)
);
-- The newest of a user.
create index sync_logs_user_id_idx on app.sync_logs (user_id, created_at desc);

-- Hypertables wherever the extension is. koodtx.chunk_days is set by `koodtx migrate`.
do $$
declare
    _schema text := (
        select extnamespace::regnamespace::text from pg_catalog.pg_extension where extname = 'timescaledb'
    );
    _chunk interval := make_interval(days => current_setting('koodtx.chunk_days')::integer);
begin
    if _schema is not null and current_setting('koodtx.timescaledb') <> 'off' then
        execute format(
            'select %1$s.create_hypertable($1, %1$s.by_range(''recorded_at'', $2), create_default_indexes => false)',
            _schema
        ) using 'app.sensor_data'::regclass, _chunk;
        execute format(
            'select %1$s.create_hypertable($1, %1$s.by_range(''created_at'', interval ''30 days''), create_default_indexes => false)',
            _schema
        ) using 'app.sync_logs'::regclass;
    end if;
end
$$;
