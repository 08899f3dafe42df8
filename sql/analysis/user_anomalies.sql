-- session_anomalies() for the recordings of a user.
create or replace function analytics.user_anomalies(
    _user bigint, _from date default null, _to date default null, _sensitivity double precision default 3.0,
    _mode text default 'global', _window_s double precision default 60
)
returns table (
    recording_id bigint, sensor text, channel text, count bigint, anomalies bigint, ratio double precision,
    timestamps timestamptz[]
)
language sql
stable
parallel safe
begin atomic
    select s.recording_id, a.sensor, a.channel, a.count, a.anomalies, a.ratio, a.timestamps
    from analytics.user_sessions(_user, _from, _to) as s
    cross join lateral analytics.session_anomalies(s.recording_id, _sensitivity, _mode, _window_s) as a
    order by s.recording_id, a.sensor, a.place, a.channel;
end;

comment on function analytics.user_anomalies(bigint, date, date, double precision, text, double precision) is
'session_anomalies() of each recording of a user from _from to _to, as user_sessions() finds them. recording_id: '
'analytics.sessions.recording_id. Each recording is measured by its own means and deviations.';
