-- How many rows of the sync log are before _cutoff, and how many bytes they take.
create or replace function app.old_sync_logs(_cutoff timestamptz)
returns table (row_count bigint, byte_count bigint)
language sql
stable
begin atomic
    select count(*), coalesce(sum(pg_column_size(l.*)), 0)::bigint
    from app.sync_logs as l where l.created_at < _cutoff;
end;
