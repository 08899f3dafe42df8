-- Nothing is sent to a webhook any more; what waits for it has failed. _reason: what its owner reads.
create or replace function app.disable_webhook(_webhook_id uuid, _reason text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    update app.webhooks as w
    set disabled_at = clock_timestamp(), disabled_reason = _reason
    where w.webhook_id = _webhook_id and w.disabled_at is null;
    -- A statement of its own, which sees what was enqueued before the lock on the webhook.
    update app.webhook_deliveries as d
    set status = 'failed', next_attempt_at = null, last_error = coalesce(d.last_error, 'the webhook was disabled')
    where d.webhook_id = _webhook_id and d.status = 'waiting';
end
$$;
