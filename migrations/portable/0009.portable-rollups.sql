-- depends: 0008.create-archived-rollups

-- Partials of what app.sensor_data holds, a row a session, sensor type and bucket, by plain views: never behind.
-- The same columns as the continuous aggregates of TimescaleDB Community.
do $$
declare
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
    _width text;
begin
    foreach _width in array array['minute', 'hour'] loop
        execute format(
            'create view app.live_%1$s as'
            ' select recording_id, sensor_type_id,'
            ' date_bin(interval ''1 %1$s'', recorded_at, timestamptz ''2000-01-03 00:00Z'') as bucket,'
            ' count(*) as count, min(recorded_at) as first_at, max(recorded_at) as last_at, %2$s'
            ' from app.sensor_data group by 1, 2, 3',
            _width, _partials
        );
    end loop;
end
$$;
