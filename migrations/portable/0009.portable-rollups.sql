-- depends: 0008.create-archived-rollups

-- Partials of the readings in app.sensor_data, one row per recording, sensor type and minute or hour, as plain views:
-- always up to date. The same names and columns as the continuous aggregates of TimescaleDB Community.
do $$
declare
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
    _width text;
begin
    foreach _width in array array['minute', 'hour'] loop
        execute format(
            'create view app.%1$s_partials as'
            ' select sensor_type_id, recording_id,'
            -- The origin is that of analytics.bucket_start(), which is made later.
            ' date_bin(interval ''1 %1$s'', recorded_at, timestamptz ''2000-01-03 00:00Z'') as bucket,'
            ' count(*) as count, min(recorded_at) as first_at, max(recorded_at) as last_at, %2$s'
            ' from app.sensor_data group by 1, 2, 3',
            _width, _partials
        );
    end loop;
end
$$;
