-- session_metrics() for the recordings of a user.
create or replace function analytics.user_metrics(_user bigint, _from date default null, _to date default null)
returns table (
    recording_id bigint, sensor text, axis text, count bigint, mean double precision, std double precision,
    min double precision, max double precision, peak_to_peak double precision
)
language sql
stable
parallel safe
begin atomic
    select s.recording_id, m.sensor, m.axis, m.count, m.mean, m.std, m.min, m.max, m.peak_to_peak
    from analytics.user_sessions(_user, _from, _to) as s
    cross join lateral analytics.session_metrics(s.recording_id) as m
    order by s.recording_id, m.sensor, m.place, m.axis;
end;

comment on function analytics.user_metrics(bigint, date, date) is
'session_metrics() of each recording of a user from _from to _to, as user_sessions() finds them. recording_id: '
'analytics.sessions.recording_id.';
