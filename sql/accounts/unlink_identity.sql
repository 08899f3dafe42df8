-- Removes an identity of an account, and ends the account's other logins, since it may have made them. outcome: done,
-- missing, last (the account has neither a password nor another identity).
create or replace function app.unlink_identity(_user_id bigint, _identity_id uuid, _kept_login_id uuid)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _has_password boolean;
begin
    -- One after the other, so that each counts what the others have left.
    select u.password_hash is not null into _has_password
    from app.users as u
    where u.id = _user_id
    for no key update;
    if not exists (select from app.identities as i where i.user_id = _user_id and i.identity_id = _identity_id) then
        return 'missing';
    end if;
    if not _has_password and (select count(*) from app.identities as i where i.user_id = _user_id) = 1 then
        return 'last';
    end if;
    delete from app.identities as i where i.identity_id = _identity_id;
    update app.logins as l set revoked_at = clock_timestamp()
    where l.user_id = _user_id and l.id <> _kept_login_id and l.revoked_at is null;
    return 'done';
end
$$;
