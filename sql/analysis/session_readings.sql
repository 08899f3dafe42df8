-- What every function of a session reads. With both times constant it is planned as if they stood in the query: only
-- the chunks of the session, in parallel where that pays; then the caller has looked whether the session is there.
create or replace function analytics.session_readings(
    _session bigint, _from timestamptz default null, _to timestamptz default null
)
returns setof analytics.readings
language sql
stable
parallel safe
begin atomic
    select d.*
    from app.stored_readings as d
    where d.session_id = _session
        and d.recorded_at >= coalesce(
            _from, (select s.first_reading_at from analytics.sessions as s where s.id = _session)
        )
        and d.recorded_at <= coalesce(
            _to, (select s.last_reading_at from analytics.sessions as s where s.id = _session)
        );
end;

comment on function analytics.session_readings(bigint, timestamptz, timestamptz) is
'The readings of a session, as in analytics.readings, from _from to _to, both included; NULL: from its first, to '
'its last. No row: there is no such session, it was deleted, or it has no reading then.';
