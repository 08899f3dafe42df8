-- A delivery with the URL and secrets of its webhook. is_early: its next attempt must wait. No row: the webhook was
-- deleted.
create or replace function app.due_delivery(_delivery_id uuid)
returns table (
    event text, body text, status text, attempts integer, next_attempt_at timestamptz, is_early boolean,
    url text, secret bytea, old_secret bytea
)
language sql
stable
begin atomic
    select
        d.event, d.body, d.status, d.attempts, d.next_attempt_at,
        coalesce(d.next_attempt_at > clock_timestamp(), false),
        w.url, w.secret, case when w.old_secret_until > clock_timestamp() then w.old_secret end
    from app.webhook_deliveries as d
    join app.webhooks as w on w.webhook_id = d.webhook_id
    where d.delivery_id = _delivery_id;
end;
