-- The account of an identity, which is created at its first login, without a password. _email: only if the issuer has
-- verified it; an account that has it already is never linked by it. outcome: known, inactive, created, email_taken,
-- username_taken (try another one); the last two have no user_id.
create or replace function app.log_in_by_identity(
    _issuer text,
    _subject text,
    _email text,
    _email_key text,
    _username text,
    _username_key text,
    _name text,
    _timezone text
)
returns table (outcome text, user_id bigint)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform app.lock_identity(_issuer, _subject);
    update app.identities as i
    set last_login_at = clock_timestamp(), email = coalesce(_email, i.email)
    from app.users as u
    where i.issuer = _issuer and i.subject = _subject and u.id = i.user_id
    returning case when u.is_active then 'known' else 'inactive' end, u.id
    into log_in_by_identity.outcome, log_in_by_identity.user_id;
    if found then
        return next;
        return;
    end if;

    log_in_by_identity.user_id := app.create_user(
        _username, _email, null, 'user', _timezone, _username_key, _email_key
    );
    if log_in_by_identity.user_id is null then
        log_in_by_identity.outcome := case
            when exists (
                select from app.users as u where u.email_key = _email_key or lower(u.email) = lower(_email)
            ) then 'email_taken'
            else 'username_taken'
        end;
        return next;
        return;
    end if;
    update app.users as u set name = _name where u.id = log_in_by_identity.user_id;
    insert into app.identities (user_id, issuer, subject, email, last_login_at)
    values (log_in_by_identity.user_id, _issuer, _subject, _email, clock_timestamp());
    log_in_by_identity.outcome := 'created';
    return next;
end
$$;
