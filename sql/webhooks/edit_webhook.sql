-- Changes a webhook of a user; NULL stays as it is. What waits goes to the new URL. No row: there is none.
create or replace function app.edit_webhook(
    _user_id bigint, _webhook_id uuid, _url text, _events text[], _is_active boolean
)
returns setof app.webhooks
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    update app.webhooks as w
    set
        url = coalesce(_url, w.url), events = coalesce(_events, w.events),
        disabled_at = case when _is_active then null else w.disabled_at end,
        disabled_reason = case when _is_active then null else w.disabled_reason end
    where w.webhook_id = _webhook_id and w.user_id = _user_id;
    if found and not _is_active then
        perform app.disable_webhook(_webhook_id, 'disabled by its owner');
    end if;
    return query select w.* from app.webhooks as w where w.webhook_id = _webhook_id and w.user_id = _user_id;
end
$$;
