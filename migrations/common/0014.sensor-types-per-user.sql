-- depends: 0011.create-maintenance

-- A sensor type belongs to a user: a name, and the key of data that goes to app.sensor_data.value, are decided by the
-- readings of that user alone. Readings are not rewritten, which would mean unpacking every chunk: where several users
-- shared a type, each gets a row of their own under the same number. So a number is unique per user only, and what
-- refers to a type gets its user from the recording; foreign keys on the number alone go.
alter table app.reading_changes drop constraint reading_changes_sensor_type_id_fkey;
alter table app.archived_ranges drop constraint archived_ranges_sensor_type_id_fkey;
alter table app.archived_rollups drop constraint archived_rollups_sensor_type_id_fkey;
alter table app.sensor_types drop constraint sensor_types_name_key;
alter table app.sensor_types drop constraint sensor_types_pkey;
alter table app.sensor_types add column user_id bigint references app.users;
-- NULL: no number has decided it yet. What was decided before stays: readings were stored by it.
alter table app.sensor_types alter column value_key drop not null;

insert into app.sensor_types (id, user_id, name, value_key)
overriding system value
select t.id, used.user_id, t.name, t.value_key
from (
    select distinct s.user_id, c.sensor_type_id
    from app.reading_changes as c
    join app.recording_sessions as s on s.id = c.recording_id
) as used
join app.sensor_types as t on t.id = used.sensor_type_id;
-- Names that no session uses are free again.
delete from app.sensor_types where user_id is null;

alter table app.sensor_types alter column user_id set not null;
alter table app.sensor_types drop column created_by;
alter table app.sensor_types add primary key (user_id, id);
alter table app.sensor_types add constraint sensor_types_user_id_name_key unique (user_id, name);

-- What archiving keeps of numbers that have no columns in app.archived_rollups: altitude, accuracy and keys of extra.
-- Columns as there.
create table app.archived_extra_rollups (
    bucket_minutes integer not null check (bucket_minutes in (1, 60, 1440)),
    sensor_type_id integer not null,
    recording_id integer not null references app.recording_sessions,
    bucket timestamptz not null,
    axis text not null,
    moments double precision[] not null,
    min double precision not null,
    max double precision not null,
    primary key (recording_id, bucket_minutes, sensor_type_id, bucket, axis)
);
create index archived_extra_rollups_bucket_idx on app.archived_extra_rollups (bucket_minutes, bucket);

-- What archiving keeps of counters, such as steps, per minute: first and last value, and the increase between them.
create table app.archived_counters (
    sensor_type_id integer not null,
    recording_id integer not null references app.recording_sessions,
    bucket timestamptz not null,
    axis text not null,
    increase double precision[] not null,
    primary key (recording_id, sensor_type_id, axis, bucket)
);
