-- The active webhooks of a user for an event. They stay active, and stay, until the end of the transaction: nothing is
-- enqueued for one that is being deleted or disabled.
create or replace function app.subscribed_webhooks(_user_id bigint, _event text)
returns setof uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select w.webhook_id
    from app.webhooks as w
    where w.user_id = _user_id and _event = any(w.events) and w.disabled_at is null
    order by w.webhook_id
    for share;
end
$$;
