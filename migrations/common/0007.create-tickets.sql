-- depends: 0006.create-jobs

-- A ticket opens one WebSocket or event stream within 30 s.
-- Unlogged: after a crash there are none, and no harm is done.
create unlogged table app.tickets (
    ticket_hash bytea primary key,
    login_id uuid not null references app.logins on delete cascade,
    expires_at timestamptz not null
);
create index tickets_expires_at_idx on app.tickets (expires_at);
