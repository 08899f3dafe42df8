-- Statistics per index of app, chunks added up under their hypertable: how often it was read since statistics began,
-- its bytes, and the bytes that its rows would take in a new index. is_unique: it enforces a constraint, so it is
-- needed even if it is never read.
create or replace function app.index_statistics()
returns table (
    name text, table_name text, is_unique boolean, scan_count bigint, byte_count bigint, expected_byte_count bigint
)
language sql
stable
begin atomic
    with parts as (
        select
            i.indexrelid, i.indrelid, i.indisunique, coalesce(h.inhparent, i.indrelid) as root,
            array(
                select a.attname::text from pg_catalog.pg_attribute as a
                where a.attrelid = i.indexrelid order by a.attnum
            ) as columns
        from pg_catalog.pg_index as i
        left join pg_catalog.pg_inherits as h on h.inhrelid = i.indrelid
    ),
    -- Chunks have indexes of other names on the same columns as those of their hypertable.
    rooted as (
        select
            parts.*,
            (
                select r.indexrelid from parts as r where r.indrelid = parts.root and r.columns = parts.columns
                order by r.indexrelid limit 1
            ) as root_index
        from parts
    ),
    measured as (
        select
            r.root_index, r.root, r.indisunique, coalesce(s.idx_scan, 0) as scans,
            pg_relation_size(r.indexrelid) as bytes,
            -- A B-tree has a page of 8,192 bytes of metadata, and leaves filled to 90 % when it is built (fillfactor).
            -- An entry has a header of 8 bytes, a line pointer of 4 and the key at its mean width, or 8 bytes if
            -- nothing was analysed. PostgreSQL's documentation, "B-Tree Structure" and "Database Page Layout".
            8192 + (
                greatest(c.reltuples, 0) / 0.9 * (
                    12 + (
                        select sum(coalesce(t.avg_width, 8))
                        from unnest(r.columns) as key (attname)
                        left join pg_catalog.pg_stats as t
                            on t.schemaname = n.nspname and t.tablename = k.relname and t.attname = key.attname
                    )
                )
            )::bigint as expected
        from rooted as r
        join pg_catalog.pg_class as c on c.oid = r.indexrelid
        join pg_catalog.pg_class as k on k.oid = r.indrelid
        join pg_catalog.pg_namespace as n on n.oid = k.relnamespace
        left join pg_catalog.pg_stat_all_indexes as s on s.indexrelid = r.indexrelid
    )
    select
        m.root_index::regclass::text, m.root::regclass::text, bool_or(m.indisunique), sum(m.scans)::bigint,
        sum(m.bytes)::bigint, sum(m.expected)::bigint
    from measured as m
    join pg_catalog.pg_class as k on k.oid = m.root
    where k.relnamespace = 'app'::regnamespace and k.relkind in ('r', 'p') and m.root_index is not null
    group by m.root_index, m.root
    order by sum(m.bytes) desc, m.root_index::regclass::text;
end;
