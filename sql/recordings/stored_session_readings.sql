-- What every function of a session reads, given both times even if it was deleted: in app, where an analyst cannot call
-- it. What calls it asks for the session in analytics.sessions or session_sensors. Asked in here, that would stand
-- between each reading and what counts it (measured: twice as slow). With both times constant it is planned as if they
-- stood in the query: only the chunks of the session, in parallel where that pays.
create or replace function app.stored_session_readings(_recording bigint, _from timestamptz, _to timestamptz)
returns setof app.stored_readings
language sql
stable
parallel safe
begin atomic
    select d.*
    from app.stored_readings as d
    where d.recording_id = _recording::integer
        and d.recorded_at >= coalesce(
            _from, (select s.first_reading_at from analytics.sessions as s where s.recording_id = _recording)
        )
        and d.recorded_at <= coalesce(
            _to, (select s.last_reading_at from analytics.sessions as s where s.recording_id = _recording)
        );
end;
