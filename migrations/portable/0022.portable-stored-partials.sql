-- depends: 0016.portable-partials-by-session 0022.create-stored-partials

-- The views of 0016, which now compute only the hours that app.stored_partials does not have: the readings of each gap
-- between a session's stored hours. A session without a gap reads no table of readings.
do $$
declare
    _moments text := 'case when count(%1$s) > 0 then array[count(%1$s), sum(%1$s), regr_sxx(%1$s, %1$s)] end'
        ' as %2$s_moments, min(%1$s) as %2$s_min, max(%1$s) as %2$s_max';
    _partials text;
    _columns text;
    _level record;
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
    for _level in select * from (values ('minute', 1), ('hour', 60)) as l (width, minutes) loop
        execute format(
            'create or replace view app.%1$s_partials as'
            ' select p.sensor_type_id, p.recording_id, p.bucket, p.count, p.first_at, p.last_at, %3$s'
            ' from app.stored_partials as p where p.bucket_minutes = %4$s'
            ' union all'
            ' select p.sensor_type_id, s.id::integer as recording_id, p.bucket, p.count, p.first_at, p.last_at, %3$s'
            ' from app.recording_sessions as s'
            -- Up to the last reading: times have microseconds. Every gap meets the times of its session; asked, the
            -- planner expects one gap per session, otherwise a hundred.
            ' join lateral unnest('
            ' tstzmultirange(tstzrange(s.first_reading_at, s.last_reading_at + interval ''1 microsecond''))'
            ' - s.stored_hours'
            ' ) as gap (span) on gap.span && tstzrange(s.first_reading_at, s.last_reading_at, ''[]'')'
            ' cross join lateral ('
            ' select d.sensor_type_id,'
            -- The origin is that of analytics.bucket_start(), which is made later.
            ' date_bin(interval ''1 %1$s'', d.recorded_at, timestamptz ''2000-01-03 00:00Z'') as bucket,'
            ' count(*) as count, min(d.recorded_at) as first_at, max(d.recorded_at) as last_at, %2$s'
            ' from app.sensor_data as d'
            ' where d.recording_id = s.id::integer'
            ' and d.recorded_at >= lower(gap.span) and d.recorded_at < upper(gap.span)'
            ' group by 1, 2'
            ' ) as p'
            -- NULL: the session has no readings.
            ' where s.first_reading_at <= s.last_reading_at',
            _level.width, _partials, _columns, _level.minutes
        );
    end loop;
end
$$;

-- The schedule of the job that stores them, where schedules have been created before.
insert into app.schedules (name, task, frequency, timezone, due_from)
select 'store-rollups', 'store_rollups', 'hourly', s.timezone, clock_timestamp()
from app.schedules as s
order by s.id
limit 1
on conflict (name) do nothing;
