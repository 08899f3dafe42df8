-- Creates an account and its change sequence; user name and e-mail address may be NULL. Returns its id.
-- Raises unique_violation when the user name or the e-mail address is taken.
create or replace function app.create_user(
    _username text,
    _email text,
    _password_hash text,
    _role text,
    _timezone text
)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _user_id bigint;
begin
    insert into app.users (username, email, password_hash, role, timezone)
    values (_username, _email, _password_hash, _role, _timezone)
    returning id into _user_id;
    insert into app.change_sequences (user_id) values (_user_id);
    return _user_id;
end
$$;
