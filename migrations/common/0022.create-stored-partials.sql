-- depends: 0019.create-analysts-schema

-- Partials of stored readings that a job has computed, on editions without continuous aggregates: minutes and hours,
-- with the columns of app.archived_rollups. No foreign keys: an insert would lock the session's row, and so hold up its
-- pushes.
create table app.stored_partials (
    like app.archived_rollups,
    primary key (recording_id, bucket_minutes, sensor_type_id, bucket),
    check (bucket_minutes in (1, 60))
);
-- Queries of a time range over all recordings.
create index stored_partials_bucket_idx on app.stored_partials (bucket_minutes, bucket);

-- Whole hours of a recording, all sensors, whose partials are those in app.stored_partials; those of all other times
-- are computed from the readings. Who changes readings takes their hours out in the same transaction.
alter table app.recording_sessions add column stored_hours tstzmultirange not null default '{}';

-- The job that stores them runs every hour.
alter table app.schedules drop constraint schedules_frequency_check;
alter table app.schedules add constraint schedules_frequency_check
check (frequency in ('hourly', 'daily', 'weekly', 'monthly'));
