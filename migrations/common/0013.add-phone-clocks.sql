-- depends: 0011.create-maintenance

-- The server's clock minus the phone's, milliseconds: of each push that reported the phone's clock, and of the latest.
alter table app.sync_logs add column clock_offset_ms bigint;
alter table app.recording_sessions add column clock_offset_ms bigint;

-- Pushes that a client abandoned and replaced by others: refused if they arrive later. Kept as long as app.pushes.
create table app.replaced_pushes (
    recording_id bigint not null references app.recording_sessions,
    push_id text not null,
    primary key (recording_id, push_id)
);
