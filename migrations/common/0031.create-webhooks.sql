-- depends: 0030.create-identities

-- URLs of users that are sent a signed message when something is ready.
create table app.webhooks (
    webhook_id uuid primary key default gen_random_uuid(),
    user_id bigint not null references app.users on delete cascade,
    url text not null check (length(url) between 1 and 2000),
    events text[] not null check (cardinality(events) > 0),
    -- Signs every message; it cannot be stored as a hash.
    secret bytea not null check (octet_length(secret) between 24 and 64),
    -- The one before it signs as well until its time.
    old_secret bytea check (octet_length(old_secret) between 24 and 64),
    old_secret_until timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    -- NULL: it is active.
    disabled_at timestamptz,
    disabled_reason text,
    check ((old_secret is null) = (old_secret_until is null)),
    check ((disabled_at is null) = (disabled_reason is null))
);
create index webhooks_user_id_idx on app.webhooks (user_id, created_at);

-- Messages, whether they have arrived or not. The id is that of the job and the webhook-id of every attempt.
create table app.webhook_deliveries (
    delivery_id uuid primary key default gen_random_uuid(),
    webhook_id uuid not null references app.webhooks on delete cascade,
    event text not null,
    -- As it is sent: the signature is of these bytes.
    body text not null,
    created_at timestamptz not null default clock_timestamp(),
    status text not null default 'waiting' check (status in ('waiting', 'delivered', 'failed')),
    attempts integer not null default 0,
    last_attempt_at timestamptz,
    -- Of HTTP; NULL: there was no answer.
    last_status integer,
    last_error text,
    -- No attempt is made before.
    next_attempt_at timestamptz,
    delivered_at timestamptz,
    check ((status = 'waiting') = (next_attempt_at is not null)),
    check ((status = 'delivered') = (delivered_at is not null)),
    check (status <> 'failed' or last_error is not null)
);
create index webhook_deliveries_webhook_id_idx
on app.webhook_deliveries (webhook_id, created_at desc, delivery_id desc);
-- What the clean-up removes.
create index webhook_deliveries_created_at_idx on app.webhook_deliveries (created_at);

alter table app.retention drop constraint retention_name_check;
alter table app.retention add constraint retention_name_check
check (name in ('sensor-data', 'ceiling', 'sync-logs', 'columnstore', 'uploaded-files', 'webhook-deliveries'));
insert into app.retention (name, days) values ('webhook-deliveries', 30);
