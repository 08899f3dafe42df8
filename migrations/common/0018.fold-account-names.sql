-- depends: 0011.create-maintenance

-- Names are compared in one form, which Python makes (koodtx/names.py, `folded`), so that it does not depend on the
-- locale of the cluster. `koodtx migrate` fills these columns for accounts that exist. lower(username) and lower(email)
-- stay unique: accounts without a key are found by them.
alter table app.users add column username_key text, add column email_key text;
comment on column app.users.username_key is
    'The user name as it is compared. NULL: only its own spelling logs in, since an older account has the same key.';
comment on column app.users.email_key is
    'The e-mail address as it is compared. NULL: as for username_key.';
create unique index users_username_key_idx on app.users (username_key);
create unique index users_email_key_idx on app.users (email_key);
