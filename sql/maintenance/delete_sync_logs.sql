-- Deletes at most _limit rows of the sync log before _cutoff, the oldest first.
create or replace function app.delete_sync_logs(_cutoff timestamptz, _limit integer)
returns table (row_count bigint, byte_count bigint)
language sql
volatile
begin atomic
    with old as (
        select l.created_at, l.id from app.sync_logs as l
        where l.created_at < _cutoff
        order by l.created_at, l.id limit _limit
    ),
    deleted as (
        delete from app.sync_logs as l using old
        where l.created_at = old.created_at and l.id = old.id and l.created_at < _cutoff
        returning pg_column_size(l.*) as bytes
    )
    select count(*), coalesce(sum(deleted.bytes), 0)::bigint from deleted;
end;
