-- depends: 0011.create-maintenance

-- What archiving keeps of the fixes of a sensor: how far it moved in each minute, without positions. A leg between two
-- fixes belongs to the minute of the later one. Minutes alone: hours and days are their sums.
create table app.archived_distance (
    recording_id integer not null references app.recording_sessions,
    -- Its name is found by the session, as everywhere.
    sensor_type_id integer not null,
    bucket timestamptz not null,
    fixes bigint not null,
    fixes_used bigint not null,
    -- NULL: no leg ends in the minute, or none that is joined.
    raw_m double precision,
    gated_m double precision,
    moving_m double precision,
    joined_s double precision,
    unjoined_s double precision not null,
    primary key (recording_id, sensor_type_id, bucket)
);
