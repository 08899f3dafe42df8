-- At most _limit fixes of one sensor of a session between two times, in order, as track points of GPX 1.1, UTF-8. A
-- point more than _gap_s after the one before it, of which _previous is the time before the first, begins a segment.
-- NULL body: none. last_at: the time of the last one, to go on after it.
create or replace function app.readings_gpx(
    _recording_id bigint, _sensor_type_id integer, _from timestamptz, _to timestamptz, _limit integer,
    _previous timestamptz, _gap_s double precision
)
returns table (body bytea, readings bigint, last_at timestamptz)
language sql
stable
begin atomic
    with slice as (
        select f.recorded_at, f.latitude, f.longitude, f.altitude
        from app.stored_fixes as f
        where f.recording_id = _recording_id::integer and f.sensor_type_id = _sensor_type_id
            and f.recorded_at between _from and _to and f.longitude is not null
        order by f.recorded_at
        limit _limit
    ),
    points as (
        select
            s.*,
            s.recorded_at - coalesce(lag(s.recorded_at) over (order by s.recorded_at), _previous)
            > make_interval(secs => _gap_s) as begins
        from slice as s
    )
    select
        convert_to(string_agg(
            concat(
                case when p.begins then E'</trkseg>\n<trkseg>\n' end,
                -- Decimals without exponent, by way of the shortest text; longitudes are below 180.
                '<trkpt lat="', p.latitude::text::numeric,
                '" lon="', case when p.longitude = 180 then -180 else p.longitude::text::numeric end, '">',
                '<ele>' || p.altitude::text::numeric || '</ele>',
                '<time>', analytics.iso_time(p.recorded_at), E'</time></trkpt>\n'
            ),
            '' order by p.recorded_at
        ), 'UTF8'),
        count(*),
        max(p.recorded_at)
    from points as p;
end;
