-- depends: 0007.create-tickets

-- Whole UTC days of one sensor of a recording whose readings were archived: kept as rollups, then deleted.
-- until_at is not part of the range.
create table app.archived_ranges (
    recording_id bigint not null references app.recording_sessions,
    sensor_type_id integer not null references app.sensor_types,
    from_at timestamptz not null,
    until_at timestamptz not null check (until_at > from_at),
    primary key (recording_id, sensor_type_id, from_at)
);

-- What archiving keeps of readings: partials of each minute, hour (60 minutes) and day (1440) that had any. All three
-- widths are stored: hours and days add a sixtieth to the minutes, and are read without merging.
-- Per axis: moments {count, sum, sum of squared deviations from the mean}, min and max; NULL: no reading had a value.
-- The columns and their order are those of app.minute_partials, after bucket_minutes.
create table app.archived_rollups (
    bucket_minutes integer not null check (bucket_minutes in (1, 60, 1440)),
    sensor_type_id integer not null references app.sensor_types,
    -- As in app.sensor_data, so that a view of both needs no cast, which no index would serve.
    recording_id integer not null references app.recording_sessions,
    bucket timestamptz not null,
    count bigint not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    x_moments double precision[], x_min double precision, x_max double precision,
    y_moments double precision[], y_min double precision, y_max double precision,
    z_moments double precision[], z_min double precision, z_max double precision,
    magnitude_moments double precision[], magnitude_min double precision, magnitude_max double precision,
    value_moments double precision[], value_min double precision, value_max double precision,
    speed_moments double precision[], speed_min double precision, speed_max double precision,
    -- Queries of one recording; erasing one.
    primary key (recording_id, bucket_minutes, sensor_type_id, bucket)
);
-- Queries of a time range over all recordings.
create index archived_rollups_bucket_idx on app.archived_rollups (bucket_minutes, bucket);
