-- depends: 0008.create-archived-rollups

-- Of a database that was moved here from another edition; sql/ makes anew what stood on them.
drop view if exists app.live_minute, app.live_hour cascade;

-- Partials of what app.sensor_data holds, a row a session, sensor type and bucket, as continuous aggregates. Real-time:
-- buckets newer than the last refresh are computed from readings. Both from readings, so that neither waits for the
-- other. Refreshes begin at the first reading and end before now (what a later push changed is refreshed by the next
-- one), and go in few large steps: each step is a transaction of its own.
do $$
declare
    _schema text := (
        select extnamespace::regnamespace::text from pg_catalog.pg_extension where extname = 'timescaledb'
    );
    _partials text := (
        select string_agg(
            format(
                'count(%1$s) as %2$s_count, sum(%1$s) as %2$s_sum, regr_sxx(%1$s, %1$s) as %2$s_m2,'
                ' min(%1$s) as %2$s_min, max(%1$s) as %2$s_max',
                c.expression, c.name
            ),
            ', '
        )
        from (
            values
                ('x', 'x'), ('y', 'y'), ('z', 'z'), ('magnitude', 'sqrt(x * x + y * y + z * z)'), ('value', 'value'),
                -- Negative is how phones say that they do not know it.
                ('speed', 'case when speed >= 0 then speed end')
        ) as c (name, expression)
    );
    -- Older versions refresh everything in one step.
    _takes_batches boolean := exists (
        select from pg_catalog.pg_proc as p
        where p.pronamespace = _schema::regnamespace and p.proname = 'add_continuous_aggregate_policy'
            and 'buckets_per_batch' = any(p.proargnames)
    );
    _level record;
begin
    for _level in
        select * from (
            values ('minute', '1 hour', '10 minutes', 1440), ('hour', '2 hours', '30 minutes', 168)
        ) as l (width, end_offset, schedule, batch)
    loop
        execute format(
            'create materialized view app.live_%1$s'
            ' with (timescaledb.continuous, timescaledb.materialized_only = false,'
            ' timescaledb.create_group_indexes = false) as'
            ' select recording_id, sensor_type_id, %2$s.time_bucket(interval ''1 %1$s'', recorded_at) as bucket,'
            ' count(*) as count, min(recorded_at) as first_at, max(recorded_at) as last_at, %3$s'
            ' from app.sensor_data group by 1, 2, 3 with no data',
            _level.width, _schema, _partials
        );
        -- Questions about a session.
        execute format(
            'create index live_%1$s_session_id_idx on app.live_%1$s (recording_id, sensor_type_id, bucket)',
            _level.width
        );
        execute format(
            'select %1$s.add_continuous_aggregate_policy(%2$L, start_offset => null, end_offset => interval %3$L,'
            ' schedule_interval => interval %4$L%5$s)',
            _schema, 'app.live_' || _level.width, _level.end_offset, _level.schedule,
            case when _takes_batches then ', buckets_per_batch => ' || _level.batch end
        );
        -- A real-time aggregate asks whether its reader may read it, also within the views that analysts read. What the
        -- extension then grants on its own tables behind it would show sessions that were deleted.
        execute format('grant select on app.live_%s to koodtx_analyst', _level.width);
        execute (
            select format(
                'revoke select on %I.%I, %I.%I, %I.%I from koodtx_analyst',
                h.schema_name, h.table_name,
                c.partial_view_schema, c.partial_view_name, c.direct_view_schema, c.direct_view_name
            )
            from _timescaledb_catalog.continuous_agg as c
            join _timescaledb_catalog.hypertable as h on h.id = c.mat_hypertable_id
            where c.user_view_schema = 'app' and c.user_view_name = 'live_' || _level.width
        );
    end loop;
end
$$;
