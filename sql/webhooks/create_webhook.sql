-- Creates a webhook of a user. No row: the user has _most.
create or replace function app.create_webhook(
    _user_id bigint, _url text, _events text[], _secret bytea, _most integer
)
returns setof app.webhooks
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- One after the other, so that each counts what the others have created.
    perform from app.users as u where u.id = _user_id for no key update;
    return query
    insert into app.webhooks as w (user_id, url, events, secret)
    select _user_id, _url, _events, _secret
    where (select count(*) from app.webhooks as o where o.user_id = _user_id) < _most
    returning w.*;
end
$$;
