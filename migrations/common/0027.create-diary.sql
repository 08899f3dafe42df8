-- depends: 0023.create-sharing 0024.create-stored-objects

-- Food and exercise that a user notes down, under an id that the client made. What is deleted stays as a tombstone, so
-- that other devices learn of it and the id never comes back.
create table app.diary_records (
    user_id bigint not null references app.users,
    record_id uuid not null,
    -- NULL: deleted before the server knew more of it than its id.
    record_type text check (record_type in ('food', 'exercise')),
    at timestamptz,
    what text,
    energy_kcal double precision check (energy_kcal between 0 and 20000),
    tags jsonb,
    activity text,
    minutes double precision check (minutes > 0),
    -- Not a key: a record may arrive before the session it names.
    session_id text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    primary key (user_id, record_id),
    check (deleted_at is not null or (record_type is not null and at is not null))
);
create index diary_records_at_idx on app.diary_records (user_id, at desc, record_id desc) where deleted_at is null;

alter table app.changes drop constraint changes_entity_check;
alter table app.changes add constraint changes_entity_check check (entity in ('share', 'record'));
