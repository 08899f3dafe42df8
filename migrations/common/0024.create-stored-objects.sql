-- depends: 0022.create-stored-partials

-- Files beside the database, in a folder or in S3. A row is committed before its file is written, so that nothing is in
-- the store that no row names.
create table app.stored_objects (
    key text primary key check (key ~ '^[a-z]{1,32}/[0-9a-f]{32}$'),
    -- Exports and uploads are temporary; takes and reference audio stay.
    purpose text not null check (purpose in ('export', 'upload', 'take', 'reference')),
    -- NULL: the service's own, or of a user who is gone; the clean-up still needs to know the file.
    user_id bigint references app.users on delete set null,
    -- How it is called and typed when it is downloaded.
    file_name text not null check (length(file_name) between 1 and 200),
    media_type text not null,
    created_at timestamptz not null default clock_timestamp(),
    -- NULL: it is being written, or was when its process ended.
    stored_at timestamptz,
    byte_count bigint check (byte_count >= 0),
    check ((stored_at is null) = (byte_count is null))
);
-- What is removed by age.
create index stored_objects_created_at_idx on app.stored_objects (created_at) where purpose in ('export', 'upload');
create index stored_objects_user_id_idx on app.stored_objects (user_id);

alter table app.retention drop constraint retention_name_check;
alter table app.retention add constraint retention_name_check
check (name in ('sensor-data', 'ceiling', 'sync-logs', 'columnstore', 'uploaded-files'));
insert into app.retention (name, days) values ('uploaded-files', 7);
