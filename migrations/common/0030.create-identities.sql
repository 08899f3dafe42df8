-- depends: 0029.create-practice

-- Who a user is at an issuer of OpenID Connect. The issuer's `sub` is the key, never the e-mail address, which may
-- change hands.
create table app.identities (
    identity_id uuid primary key default gen_random_uuid(),
    user_id bigint not null references app.users on delete cascade,
    issuer text not null check (length(issuer) between 1 and 2000),
    subject text not null check (length(subject) between 1 and 255),
    -- As the issuer said it last, for the user to recognise the identity by.
    email text check (length(email) <= 254),
    created_at timestamptz not null default clock_timestamp(),
    last_login_at timestamptz,
    unique (issuer, subject)
);
create index identities_user_id_idx on app.identities (user_id);
