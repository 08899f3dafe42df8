-- plpgsql with execute, because what is asked exists on TimescaleDB Community only.
create or replace function analytics.rollup_lag()
returns table (rollup text, refreshed_at timestamptz, live_from timestamptz)
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        select from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = '_timescaledb_catalog' and c.relname = 'continuous_agg'
    ) then
        return query execute $query$
            select
                l.name, j.last_successful_finish,
                -- Before the first refresh it lies in the year 4714 BC.
                case when w.at > timestamptz '1970-01-01 00:00Z' then w.at end
            from unnest(array['minute', 'hour']) as l (name)
            join _timescaledb_catalog.continuous_agg as c
                on c.user_view_schema = 'app' and c.user_view_name = 'live_' || l.name
            join _timescaledb_catalog.hypertable as h on h.id = c.mat_hypertable_id
            cross join lateral (
                select _timescaledb_functions.to_timestamp(_timescaledb_functions.cagg_watermark(h.id)) as at
            ) as w
            left join timescaledb_information.job_stats as j
                on j.hypertable_schema = h.schema_name and j.hypertable_name = h.table_name
        $query$;
        if found then
            return;
        end if;
    end if;
    return query select l.name, now(), null::timestamptz from unnest(array['minute', 'hour']) as l (name);
end
$$;

comment on function analytics.rollup_lag() is
'How far behind are the rollups? A row a level: minute, and hour, which days are merged from. refreshed_at: when the '
'last refresh on schedule ended; NULL: there was none yet. live_from: buckets from here on are made of readings as '
'they stand now; NULL: all are. A reading that came after refreshed_at for a bucket before live_from is in it after '
'the next refresh. Only TimescaleDB Community refreshes; elsewhere refreshed_at is now and live_from NULL.';
