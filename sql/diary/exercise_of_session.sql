-- Duration, distance and mean speed of a session; no row: the user has no such session. NULL: not known, as the session
-- has not ended or has no fixes.
create or replace function app.exercise_of_session(_user_id bigint, _session_id text)
returns table (duration_s double precision, distance_m double precision, mean_speed_m_s double precision)
language sql
stable
begin atomic
    select t.duration_s, d.gated_m, d.gated_m / nullif(t.duration_s, 0)
    from app.recording_sessions as s
    cross join lateral (
        select extract(epoch from s.end_time - s.start_time)::double precision as duration_s
    ) as t
    left join lateral (
        select m.gated_m from analytics.session_distance(s.id) as m where m.is_counted order by m.sensor limit 1
    ) as d on true
    where s.user_id = _user_id and s.session_id = _session_id and s.deleted_at is null;
end;
