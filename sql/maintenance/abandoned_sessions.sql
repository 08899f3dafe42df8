-- Sessions that have not ended and that nobody has pushed to since _cutoff.
create or replace function app.abandoned_sessions(_cutoff timestamptz)
returns table (id bigint)
language sql
stable
begin atomic
    select s.id from app.recording_sessions as s
    where s.deleted_at is null and s.end_time is null and s.last_push_at < _cutoff;
end;
