-- session_quality() for the recordings of a user.
create or replace function analytics.user_quality(_user bigint, _from date default null, _to date default null)
returns table (
    recording_id bigint, sensor text, count bigint, achieved_hz double precision, expected_hz double precision,
    coverage double precision, gap_count bigint, max_gap_s double precision, jitter_ms double precision,
    outside_count bigint
)
language sql
stable
parallel safe
begin atomic
    select
        s.recording_id, q.sensor, q.count, q.achieved_hz, q.expected_hz, q.coverage, q.gap_count, q.max_gap_s,
        q.jitter_ms, q.outside_count
    from analytics.user_sessions(_user, _from, _to) as s
    cross join lateral analytics.session_quality(s.recording_id) as q
    order by s.recording_id, q.sensor;
end;

comment on function analytics.user_quality(bigint, date, date) is
'session_quality() of each recording of a user from _from to _to, as user_sessions() finds them. recording_id: '
'analytics.sessions.recording_id.';
