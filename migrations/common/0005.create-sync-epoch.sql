-- depends: 0004.create-readings

-- One row: which life of the database this is. A restore makes a new one, and cursors of the old one end.
create table app.sync_epoch (
    is_only boolean primary key default true check (is_only),
    id uuid not null,
    fingerprint text not null,
    created_at timestamptz not null
);
