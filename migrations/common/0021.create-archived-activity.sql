-- depends: 0015.create-archived-distance

-- What archiving keeps for percentiles: how many values of an axis fall into each bucket of a DDSketch, per hour (60
-- minutes) and day (1440) that had any. Minutes would take thirty times as much.
create table app.archived_sketches (
    bucket_minutes integer not null check (bucket_minutes in (60, 1440)),
    -- Its name is found by the session, as everywhere.
    sensor_type_id integer not null,
    recording_id integer not null references app.recording_sessions,
    bucket timestamptz not null,
    -- Where the axis stands among those of a sensor.
    place integer not null,
    axis text not null,
    sketch jsonb not null,
    primary key (recording_id, bucket_minutes, sensor_type_id, bucket, place, axis)
);

-- What archiving keeps of accelerometers: the intensities of the epochs of 5 s of each minute, so that minutes by any
-- cut point can still be counted, and the steps of the minute.
create table app.archived_epochs (
    sensor_type_id integer not null,
    recording_id integer not null references app.recording_sessions,
    bucket timestamptz not null,
    -- What 1 g was in the unit of the sensor when the readings were archived.
    gravity double precision not null,
    -- Of each epoch the number of readings, and ENMO and MAD in mg; NULL: it had no readings.
    readings integer[] not null check (cardinality(readings) = 12),
    enmo_mg double precision[] not null check (cardinality(enmo_mg) = 12),
    mad_mg double precision[] not null check (cardinality(mad_mg) = 12),
    -- NULL: too few readings per second to see any.
    steps integer,
    primary key (recording_id, sensor_type_id, bucket)
);
