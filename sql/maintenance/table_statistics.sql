-- Statistics per table of app, including the chunks of hypertables: rows as PostgreSQL estimates them, bytes with
-- indexes. Times: the latest of the table or any of its chunks.
create or replace function app.table_statistics()
returns table (
    name text, row_count bigint, dead_row_count bigint, byte_count bigint, chunk_count bigint,
    vacuumed_at timestamptz, analyzed_at timestamptz, may_vacuum boolean
)
language sql
stable
begin atomic
    select
        root.oid::regclass::text,
        sum(s.n_live_tup)::bigint, sum(s.n_dead_tup)::bigint, app.table_bytes(root.oid::regclass),
        count(*) - 1,
        max(greatest(s.last_vacuum, s.last_autovacuum)), max(greatest(s.last_analyze, s.last_autoanalyze)),
        app.may_vacuum(root.oid::regclass)
    from pg_catalog.pg_class as root
    join lateral (
        select root.oid as relid
        union all
        select i.inhrelid from pg_catalog.pg_inherits as i where i.inhparent = root.oid
    ) as part on true
    join pg_catalog.pg_stat_all_tables as s on s.relid = part.relid
    where root.relnamespace = 'app'::regnamespace and root.relkind in ('r', 'p')
    group by root.oid
    order by app.table_bytes(root.oid::regclass) desc, root.oid::regclass::text;
end;
