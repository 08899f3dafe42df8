-- depends: 0014.sensor-types-per-user

-- Unit of acceleration by name of the sensor, {"accelerometer": "g"}, as the app declared it; NULL: it did not.
alter table app.recording_sessions add column units jsonb;

-- device_key: the device whose push made the session; NULL: of an older session no push with readings is on record.
-- device: what the app says of it, {"platform", "model", "os_version", "app_version"}, each of which may be missing.
alter table app.recording_sessions add column device_key bigint references app.devices;
alter table app.recording_sessions add column device jsonb;
update app.recording_sessions as s
set device_key = (
    select c.device_key from app.reading_changes as c
    where c.recording_id = s.id and c.device_key is not null
    order by c.change_no
    limit 1
)
where s.deleted_at is null;

-- Labels that were set by API, [{"label", "from", "to", "source"}], times as text, source may be missing; NULL: none.
alter table app.recording_sessions add column labels jsonb;

-- What archiving keeps of labels that readings carry: spans of equal label within UTC days, by the times of their first
-- and last reading. label NULL: readings without one, which keep those before and after them apart.
create table app.archived_labels (
    recording_id integer not null references app.recording_sessions,
    sensor_type_id integer not null,
    label text,
    from_at timestamptz not null,
    to_at timestamptz not null check (to_at >= from_at),
    readings bigint not null,
    primary key (recording_id, sensor_type_id, from_at)
);
