-- The readings of a recording for people; functions read app.stored_session_readings().
create or replace function analytics.session_readings(
    _recording bigint, _from timestamptz default null, _to timestamptz default null
)
returns setof analytics.readings
language sql
stable
parallel safe
begin atomic
    select d.*
    from app.stored_session_readings(_recording, _from, _to) as d
    where exists (select from analytics.sessions as s where s.recording_id = _recording);
end;

comment on function analytics.session_readings(bigint, timestamptz, timestamptz) is
'The readings of a recording, as in analytics.readings, from _from to _to, both included; NULL: from its first, to '
'its last. No rows: there is no such session, it was deleted, or it has no readings in that time.';
