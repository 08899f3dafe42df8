-- plpgsql with execute, because the catalogue it reads exists on TimescaleDB Community only.
create or replace function analytics.rollup_lag()
returns table (rollup text, refreshed_at timestamptz, realtime_from timestamptz)
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
                -- Before the first success TimescaleDB reports -infinity.
                w.name as rollup, nullif(j.last_successful_finish, '-infinity') as refreshed_at,
                -- Before the first refresh the watermark is in the year 4714 BC.
                case when watermark.at > timestamptz '1970-01-01 00:00Z' then watermark.at end as realtime_from
            from unnest(array['minute', 'hour']) as w (name)
            join _timescaledb_catalog.continuous_agg as c
                on c.user_view_schema = 'app' and c.user_view_name = w.name || '_partials'
            join _timescaledb_catalog.hypertable as h on h.id = c.mat_hypertable_id
            cross join lateral (
                select _timescaledb_functions.to_timestamp(_timescaledb_functions.cagg_watermark(h.id)) as at
            ) as watermark
            left join timescaledb_information.job_stats as j
                on j.hypertable_schema = h.schema_name and j.hypertable_name = h.table_name
        $query$;
        if found then
            return;
        end if;
    end if;
    return query select w.name, now(), null::timestamptz from unnest(array['minute', 'hour']) as w (name);
end
$$;

comment on function analytics.rollup_lag() is
'How far the rollups are behind the readings: one row per width that is refreshed, minute and hour; days are merged '
'from hours. refreshed_at: when the last scheduled refresh that succeeded ended; NULL: none has yet. realtime_from: '
'buckets from this time on are computed from the stored readings whenever they are read; NULL: all are. A reading that '
'arrived after refreshed_at for a bucket before realtime_from appears in it after the next refresh. Only TimescaleDB '
'Community refreshes; on other editions refreshed_at is now and realtime_from is NULL, as what a job has not stored '
'yet is computed from the readings.';
