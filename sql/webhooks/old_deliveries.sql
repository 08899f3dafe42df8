-- Deliveries before _cutoff that have ended, and the bytes of their bodies. One that still waits a week later has lost
-- its job.
create or replace function app.old_deliveries(_cutoff timestamptz)
returns table (delivery_id uuid, created_at timestamptz, byte_count bigint)
language sql
stable
begin atomic
    select d.delivery_id, d.created_at, octet_length(d.body)::bigint
    from app.webhook_deliveries as d
    where d.created_at < _cutoff and (d.status <> 'waiting' or d.created_at < _cutoff - interval '7 days');
end;
