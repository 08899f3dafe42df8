-- session_metrics() for the recordings of a user. Planned for one recording after the other, with its times known: then
-- only its chunks are read.
create or replace function analytics.user_metrics(_user bigint, _from date default null, _to date default null)
returns table (
    recording_id bigint, sensor text, axis text, count bigint, mean double precision, std double precision,
    min double precision, max double precision, peak_to_peak double precision
)
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    _s record;
begin
    for _s in select s.* from analytics.user_sessions(_user, _from, _to) as s order by s.recording_id loop
        return query execute
            'select $1, m.sensor, m.axis, m.count, m.mean, m.std, m.min, m.max, m.peak_to_peak'
            ' from analytics.session_metrics($1, $2, $3) as m order by m.sensor, m.place, m.axis'
        using _s.recording_id, _s.first_reading_at, _s.last_reading_at;
    end loop;
end
$$;

comment on function analytics.user_metrics(bigint, date, date) is
'session_metrics() of each recording of a user from _from to _to, as user_sessions() finds them. recording_id: '
'analytics.sessions.recording_id.';
