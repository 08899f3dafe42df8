-- session_distance() for the recordings of a user.
create or replace function analytics.user_distance(
    _user bigint, _from date default null, _to date default null, _accuracy_max_m double precision default 20,
    _min_gap_s double precision default 60
)
returns table (
    recording_id bigint, sensor text, raw_m double precision, gated_m double precision, moving_m double precision,
    unjoined_s double precision, fixes bigint, fixes_used bigint, is_counted boolean
)
language sql
stable
parallel safe
begin atomic
    select s.recording_id, d.sensor, d.raw_m, d.gated_m, d.moving_m, d.unjoined_s, d.fixes, d.fixes_used, d.is_counted
    from analytics.user_sessions(_user, _from, _to) as s
    cross join lateral analytics.session_distance(s.recording_id, _accuracy_max_m, _min_gap_s) as d
    order by s.recording_id, d.sensor;
end;

comment on function analytics.user_distance(bigint, date, date, double precision, double precision) is
'session_distance() of each recording of a user from _from to _to, as user_sessions() finds them. recording_id: '
'analytics.sessions.recording_id.';
