-- Creates an account and its change sequence; user name and e-mail address may be NULL. Returns its id, or NULL if the
-- user name or the e-mail address is taken: an error would leave them in the server's log.
-- The keys are the names in the form in which they are compared (koodtx/names.py).
create or replace function app.create_user(
    _username text,
    _email text,
    _password_hash text,
    _role text,
    _timezone text,
    _username_key text default null,
    _email_key text default null
)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _user_id bigint;
begin
    insert into app.users (username, email, password_hash, role, timezone, username_key, email_key)
    values (_username, _email, _password_hash, _role, _timezone, _username_key, _email_key)
    on conflict do nothing
    returning id into _user_id;
    if _user_id is not null then
        insert into app.change_sequences (user_id) values (_user_id);
    end if;
    return _user_id;
end
$$;
