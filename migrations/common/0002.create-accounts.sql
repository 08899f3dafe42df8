-- depends: 0001.create-schemas-and-roles

create table app.users (
    id bigint generated always as identity primary key,
    -- NULL: a person without a user name or e-mail address, e.g. one who logs in elsewhere.
    username text,
    email text,
    name text,
    password_hash text,
    role text not null default 'user' check (role in ('user', 'admin')),
    timezone text not null,
    is_active boolean not null default true,
    created_at timestamptz not null default now()
);
-- One account per user name and per e-mail address, ignoring case. NULLs are distinct.
create unique index users_username_key on app.users (lower(username));
create unique index users_email_key on app.users (lower(email));

create table app.devices (
    id bigint generated always as identity primary key,
    user_id bigint not null references app.users,
    device_id text not null,
    created_at timestamptz not null default now(),
    last_push_at timestamptz,
    last_pull_at timestamptz,
    revoked_at timestamptz,
    constraint devices_user_id_device_id_key unique (user_id, device_id)
);

-- A login has a chain of refresh tokens, one active at a time.
create table app.logins (
    id uuid primary key default gen_random_uuid(),
    user_id bigint not null references app.users,
    device_key bigint not null references app.devices,
    created_at timestamptz not null default now(),
    revoked_at timestamptz
);
-- For revoking all logins of a user or of a device.
create index logins_user_id_idx on app.logins (user_id);

-- Only a hash of each token is stored. The next token is derived from it, so that a retry gets the same one.
create table app.refresh_tokens (
    token_hash bytea primary key,
    login_id uuid not null references app.logins on delete cascade,
    generation integer not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
-- For the newest generation of a login, and for deleting a login.
create index refresh_tokens_login_id_idx on app.refresh_tokens (login_id, generation);
