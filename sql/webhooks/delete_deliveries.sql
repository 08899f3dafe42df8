-- Deletes at most _limit of app.old_deliveries(_cutoff), the oldest first.
create or replace function app.delete_deliveries(_cutoff timestamptz, _limit integer)
returns table (row_count bigint, byte_count bigint)
language sql
volatile
begin atomic
    with old as (
        select o.delivery_id, o.byte_count from app.old_deliveries(_cutoff) as o
        order by o.created_at, o.delivery_id limit _limit
    ),

    deleted as (
        delete from app.webhook_deliveries as d using old
        where d.delivery_id = old.delivery_id
        returning old.byte_count
    )

    select count(*), coalesce(sum(deleted.byte_count), 0)::bigint from deleted;
end;
