-- depends: 0002.create-accounts

-- The change sequence of a user: change_no and changed_at rise together, strictly, in commit order, because every
-- changing transaction updates this row last and holds it locked until it commits.
create table app.change_sequences (
    user_id bigint primary key references app.users,
    change_no bigint not null default 0,
    changed_at timestamptz not null default date_trunc('milliseconds', clock_timestamp()),
    reading_count bigint not null default 0
);

create table app.recording_sessions (
    -- app.sensor_data has it as an integer.
    id bigint generated always as identity (maxvalue 2147483647) primary key,
    user_id bigint not null references app.users,
    session_id text not null,
    start_time timestamptz,
    end_time timestamptz,
    enabled_sensors jsonb,
    sample_rate double precision,
    notes text,
    is_uploaded boolean not null default false,
    closed_by text,
    -- data_count: readings in all; archived_count: how many of them were archived, the last time at archived_at.
    data_count bigint not null default 0,
    archived_count bigint not null default 0,
    archived_at timestamptz,
    first_reading_at timestamptz,
    last_reading_at timestamptz,
    last_push_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default '-infinity',
    change_no bigint not null default 0,
    deleted_at timestamptz,
    erased_at timestamptz,
    constraint recording_sessions_user_id_session_id_key unique (user_id, session_id)
);
-- Pull: what changed after a cursor, after a time; the list of sessions.
create index recording_sessions_user_id_change_no_idx on app.recording_sessions (user_id, change_no);
create index recording_sessions_user_id_updated_at_idx on app.recording_sessions (user_id, updated_at);
create index recording_sessions_user_id_id_idx on app.recording_sessions (user_id, id);
-- The erasure of what deleted sessions left.
create index recording_sessions_erasable_idx on app.recording_sessions (id)
where deleted_at is not null and erased_at is null;

create table app.sensor_types (
    id integer generated always as identity primary key,
    name text not null constraint sensor_types_name_key unique,
    -- The key of data that travels in app.sensor_data.value.
    value_key text not null,
    created_by bigint references app.users
);
-- The limit of new names a user.
create index sensor_types_created_by_idx on app.sensor_types (created_by);

-- What changed in a session under which number: the readings a delta pull sends.
create table app.reading_changes (
    recording_id bigint not null references app.recording_sessions,
    sensor_type_id integer not null references app.sensor_types,
    change_no bigint not null,
    changed_at timestamptz not null,
    from_at timestamptz not null,
    to_at timestamptz not null,
    device_key bigint references app.devices,
    primary key (recording_id, sensor_type_id, change_no)
);
-- Push: whether a batch touches times that were written before.
create index reading_changes_to_at_idx on app.reading_changes (recording_id, sensor_type_id, to_at);

-- Pushes that carried an id, with the reply they got: sent again, they get it again.
create table app.pushes (
    recording_id bigint not null references app.recording_sessions,
    push_id text not null,
    body_hash bytea not null,
    reply jsonb not null,
    primary key (recording_id, push_id)
);
