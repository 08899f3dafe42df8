-- depends: 0008.create-archived-rollups

-- Views of a database that was moved here from another edition; sql/ makes what stood on them again.
drop view if exists app.minute_partials, app.hour_partials cascade;

-- Partials of the readings in app.sensor_data, one row per recording, sensor type and minute or hour, as continuous
-- aggregates. Real-time: buckets newer than the last refresh are computed from readings when they are read. Hours are
-- computed from readings, not from minutes, so that neither waits for the other. Refreshes begin at the first reading
-- and end before now (what a later push changes is refreshed by the next one), and go in few large steps, because each
-- step is a transaction of its own.
do $$
declare
    _schema text := (
        select extnamespace::regnamespace::text from pg_catalog.pg_extension where extname = 'timescaledb'
    );
    -- One line per axis.
    _partials text := (
        select string_agg(
            format(
                'case when count(%1$s) > 0 then array[count(%1$s), sum(%1$s), regr_sxx(%1$s, %1$s)] end as %2$s_moments,'
                ' min(%1$s) as %2$s_min, max(%1$s) as %2$s_max',
                a.expression, a.name
            ),
            ', ' order by a.place
        )
        from (
            values
                (1, 'x', 'x'),
                (2, 'y', 'y'),
                (3, 'z', 'z'),
                (4, 'magnitude', 'sqrt(x * x + y * y + z * z)'),
                (5, 'value', 'value'),
                -- A negative speed is how phones say that they do not know it.
                (6, 'speed', 'case when speed >= 0 then speed end')
        ) as a (place, name, expression)
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
            -- A refresh in steps of a day of minutes, a week of hours.
            values ('minute', '1 hour', '10 minutes', 1440), ('hour', '2 hours', '30 minutes', 168)
        ) as l (width, end_offset, schedule, batch)
    loop
        execute format(
            'create materialized view app.%1$s_partials'
            ' with (timescaledb.continuous, timescaledb.materialized_only = false,'
            ' timescaledb.create_group_indexes = false) as'
            ' select sensor_type_id, recording_id, %2$s.time_bucket(interval ''1 %1$s'', recorded_at) as bucket,'
            ' count(*) as count, min(recorded_at) as first_at, max(recorded_at) as last_at, %3$s'
            ' from app.sensor_data group by 1, 2, 3 with no data',
            _level.width, _schema, _partials
        );
        -- Queries of one recording.
        execute format(
            'create index %1$s_partials_recording_id_idx on app.%1$s_partials (recording_id, sensor_type_id, bucket)',
            _level.width
        );
        execute format(
            'select %1$s.add_continuous_aggregate_policy(%2$L, start_offset => null, end_offset => interval %3$L,'
            ' schedule_interval => interval %4$L%5$s)',
            _schema, format('app.%s_partials', _level.width), _level.end_offset, _level.schedule,
            case when _takes_batches then ', buckets_per_batch => ' || _level.batch end
        );
        -- A real-time aggregate checks whether its reader may read it, also within the views that analysts read. What
        -- the extension then grants on its own tables behind it would show sessions that were deleted.
        execute format('grant select on app.%s_partials to koodtx_analyst', _level.width);
        execute (
            select format(
                'revoke select on %I.%I, %I.%I, %I.%I from koodtx_analyst',
                h.schema_name, h.table_name,
                c.partial_view_schema, c.partial_view_name, c.direct_view_schema, c.direct_view_name
            )
            from _timescaledb_catalog.continuous_agg as c
            join _timescaledb_catalog.hypertable as h on h.id = c.mat_hypertable_id
            where c.user_view_schema = 'app' and c.user_view_name = _level.width || '_partials'
        );
    end loop;
end
$$;
