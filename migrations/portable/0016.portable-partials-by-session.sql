-- depends: 0009.portable-rollups 0016.create-schedule-edits

-- The views of 0009, session by session: a query of some sessions, by number or by a join, makes TimescaleDB read
-- the chunks of their times only. What is grouped does not show its times to it.
do $$
declare
    _moments text := 'case when count(%1$s) > 0 then array[count(%1$s), sum(%1$s), regr_sxx(%1$s, %1$s)] end'
        ' as %2$s_moments, min(%1$s) as %2$s_min, max(%1$s) as %2$s_max';
    _partials text;
    _columns text;
    _width text;
begin
    select
        string_agg(format(_moments, a.expression, a.name), ', ' order by a.place),
        string_agg(format('p.%1$s_moments, p.%1$s_min, p.%1$s_max', a.name), ', ' order by a.place)
    into _partials, _columns
    from (
        -- One line per axis.
        values
            (1, 'x', 'd.x'),
            (2, 'y', 'd.y'),
            (3, 'z', 'd.z'),
            (4, 'magnitude', 'sqrt(d.x * d.x + d.y * d.y + d.z * d.z)'),
            (5, 'value', 'd.value'),
            -- A negative speed is how phones say that they do not know it.
            (6, 'speed', 'case when d.speed >= 0 then d.speed end')
    ) as a (place, name, expression);
    foreach _width in array array['minute', 'hour'] loop
        execute format(
            'create or replace view app.%1$s_partials as'
            ' select p.sensor_type_id, s.id::integer as recording_id, p.bucket, p.count, p.first_at, p.last_at, %3$s'
            ' from app.recording_sessions as s'
            ' cross join lateral ('
            ' select d.sensor_type_id,'
            -- The origin is that of analytics.bucket_start(), which is made later.
            ' date_bin(interval ''1 %1$s'', d.recorded_at, timestamptz ''2000-01-03 00:00Z'') as bucket,'
            ' count(*) as count, min(d.recorded_at) as first_at, max(d.recorded_at) as last_at, %2$s'
            ' from app.sensor_data as d'
            ' where d.recording_id = s.id::integer'
            ' and d.recorded_at between s.first_reading_at and s.last_reading_at'
            ' group by 1, 2'
            ' ) as p',
            _width, _partials, _columns
        );
    end loop;
end
$$;
