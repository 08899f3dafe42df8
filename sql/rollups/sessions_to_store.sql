-- The sessions with hours whose partials a job is to store. On TimescaleDB Community none, as continuous aggregates
-- have them.
create or replace function app.sessions_to_store()
returns table (recording_id bigint)
language sql
stable
begin atomic
    select s.id from app.recording_sessions as s
    where app.edition() <> 'community' and not isempty(app.hours_to_store(s.*));
end;
