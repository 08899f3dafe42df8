-- depends: 0013.add-phone-clocks

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
