-- Deliveries of a webhook, newest first, after the place of one. What waits for a job that was cancelled, failed or was
-- deleted has failed.
create or replace function app.list_webhook_deliveries(
    _webhook_id uuid, _before_at timestamptz, _before_id uuid, _limit integer
)
returns table (
    delivery_id uuid, event text, status text, attempts integer, last_attempt_at timestamptz, last_status integer,
    last_error text, next_attempt_at timestamptz, created_at timestamptz, delivered_at timestamptz
)
language sql
stable
begin atomic
    select
        d.delivery_id, d.event,
        case when is_left.is_left then 'failed' else d.status end,
        d.attempts, d.last_attempt_at, d.last_status,
        case when is_left.is_left then coalesce(j.error, 'its job was deleted') else d.last_error end,
        case when not is_left.is_left then d.next_attempt_at end,
        d.created_at, d.delivered_at
    from app.webhook_deliveries as d
    left join app.jobs as j on j.id = d.delivery_id
    cross join lateral (
        select d.status = 'waiting' and coalesce(j.status, 'deleted') not in ('queued', 'running') as is_left
    ) as is_left
    where d.webhook_id = _webhook_id
        and (_before_at is null or (d.created_at, d.delivery_id) < (_before_at, _before_id))
    order by d.created_at desc, d.delivery_id desc
    limit _limit;
end;
