-- depends: 0007.create-tickets

-- When readings of the session were last sealed, and how many have been in all: data_count counts them still.
alter table app.recording_sessions
add column archived_at timestamptz,
add column archived_count bigint not null default 0;

-- Whole UTC days whose readings were sealed: rolled up for ever, then deleted. until_at is not in the span.
create table app.archived_ranges (
    recording_id bigint not null references app.recording_sessions,
    sensor_type_id integer not null references app.sensor_types,
    from_at timestamptz not null,
    until_at timestamptz not null check (until_at > from_at),
    primary key (recording_id, sensor_type_id, from_at)
);

-- What is left of sealed readings: partials of each minute, hour (60) and day (1440) that has any. All three are kept:
-- hours and days add a sixtieth to the minutes, and are read without merging. NULL: no reading has a number there.
create table app.archived_rollups (
    recording_id bigint not null references app.recording_sessions,
    sensor_type_id integer not null references app.sensor_types,
    bucket_minutes integer not null check (bucket_minutes in (1, 60, 1440)),
    bucket timestamptz not null,
    count bigint not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    x_count bigint not null,
    x_sum double precision,
    x_m2 double precision,
    x_min double precision,
    x_max double precision,
    y_count bigint not null,
    y_sum double precision,
    y_m2 double precision,
    y_min double precision,
    y_max double precision,
    z_count bigint not null,
    z_sum double precision,
    z_m2 double precision,
    z_min double precision,
    z_max double precision,
    magnitude_count bigint not null,
    magnitude_sum double precision,
    magnitude_m2 double precision,
    magnitude_min double precision,
    magnitude_max double precision,
    value_count bigint not null,
    value_sum double precision,
    value_m2 double precision,
    value_min double precision,
    value_max double precision,
    speed_count bigint not null,
    speed_sum double precision,
    speed_m2 double precision,
    speed_min double precision,
    speed_max double precision,
    -- Questions about a session; deleting one.
    primary key (recording_id, bucket_minutes, sensor_type_id, bucket)
);
-- Questions about a range of times, over all sessions.
create index archived_rollups_bucket_idx on app.archived_rollups (bucket_minutes, bucket);
