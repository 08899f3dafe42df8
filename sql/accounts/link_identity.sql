-- Links an identity to an account, or finds it linked to it. outcome: linked; without an identity_id, taken (it belongs
-- to another account) or full (the account has _most identities).
create or replace function app.link_identity(
    _user_id bigint, _issuer text, _subject text, _email text, _most integer
)
returns table (outcome text, identity_id uuid)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _owner_id bigint;
begin
    perform app.lock_identity(_issuer, _subject);
    -- One after the other, so that each counts what the others have linked.
    perform from app.users as u where u.id = _user_id for no key update;
    select i.user_id, i.identity_id into _owner_id, link_identity.identity_id
    from app.identities as i
    where i.issuer = _issuer and i.subject = _subject;
    if found then
        link_identity.outcome := case when _owner_id = _user_id then 'linked' else 'taken' end;
        link_identity.identity_id := case when _owner_id = _user_id then link_identity.identity_id end;
        return next;
        return;
    end if;
    insert into app.identities as i (user_id, issuer, subject, email)
    select _user_id, _issuer, _subject, _email
    where (select count(*) from app.identities as o where o.user_id = _user_id) < _most
    returning i.identity_id into link_identity.identity_id;
    link_identity.outcome := case when link_identity.identity_id is null then 'full' else 'linked' end;
    return next;
end
$$;
