-- Until the end of the transaction, nobody else creates an account for this identity or links it. Of two first logins
-- at the same time, the second finds the account of the first.
create or replace function app.lock_identity(_issuer text, _subject text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(hashtext('app.lock_identity'), hashtext(concat(_issuer, ' ', _subject)));
end
$$;
