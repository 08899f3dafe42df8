-- depends: 0010.community-columnstore 0022.create-stored-partials

-- Continuous aggregates have what a database that was moved here from another edition has stored itself.
truncate app.stored_partials;
update app.recording_sessions set stored_hours = '{}' where stored_hours <> '{}';
delete from app.schedules where task = 'store_rollups';
