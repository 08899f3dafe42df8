-- Notes how an attempt ended: _error NULL is success; another one follows after _wait, NULL: none. _is_gone: the
-- webhook is disabled at once. It is disabled as well when a delivery has failed in all its attempts and nothing has
-- arrived since it was created; _is_trial: that one says nothing about the others. Returns the delivery; no row: it is
-- gone, or had ended otherwise.
create or replace function app.end_delivery_attempt(
    _delivery_id uuid, _http_status integer, _error text, _wait interval, _is_gone boolean, _is_trial boolean
)
returns setof app.webhook_deliveries
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _delivery app.webhook_deliveries;
    _webhook_id uuid := (select d.webhook_id from app.webhook_deliveries as d where d.delivery_id = _delivery_id);
begin
    -- Always the webhook before its deliveries: no deadlocks.
    perform from app.webhooks as w where w.webhook_id = _webhook_id for no key update;
    update app.webhook_deliveries as d
    set
        attempts = d.attempts + 1, last_attempt_at = clock_timestamp(), last_status = _http_status, last_error = _error,
        status = case when _error is null then 'delivered' when _wait is null then 'failed' else 'waiting' end,
        next_attempt_at = case when _error is not null then clock_timestamp() + _wait end,
        delivered_at = case when _error is null then clock_timestamp() end
    -- One that was given up meanwhile may have arrived.
    where d.delivery_id = _delivery_id and (d.status = 'waiting' or d.status = 'failed' and _error is null)
    returning d.* into _delivery;
    if not found then
        return;
    end if;
    if _is_gone then
        perform app.disable_webhook(_webhook_id, 'the receiver answered 410: it wants no more messages');
    elsif _delivery.status = 'failed' and not _is_trial and not exists (
        select from app.webhook_deliveries as o
        where o.webhook_id = _webhook_id and o.delivered_at >= _delivery.created_at
    ) then
        perform app.disable_webhook(
            _webhook_id, format('no message was accepted in %s attempts: %s', _delivery.attempts, _error)
        );
    end if;
    return query select d.* from app.webhook_deliveries as d where d.delivery_id = _delivery_id;
end
$$;
