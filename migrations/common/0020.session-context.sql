-- depends: 0013.add-phone-clocks

-- Unit of acceleration by name of the sensor, {"accelerometer": "g"}, as the app declared it; NULL: it did not.
alter table app.recording_sessions add column units jsonb;
