-- The account that a user name or e-mail address belongs to: by its key, or by its spelling (ignoring case as the
-- database does) if it has no key. An account without a key comes first, since nothing else finds it.
create or replace function app.find_credentials(_login_name text, _login_key text)
returns table (id bigint, password_hash text, is_active boolean)
language sql
stable
begin atomic
    select u.id, u.password_hash, u.is_active
    from app.users as u
    where u.username_key = _login_key
        or u.email_key = _login_key
        or (u.username_key is null and lower(u.username) = lower(_login_name))
        or (u.email_key is null and lower(u.email) = lower(_login_name))
    order by u.username_key is not distinct from _login_key or u.email_key is not distinct from _login_key, u.id
    limit 1;
end;
