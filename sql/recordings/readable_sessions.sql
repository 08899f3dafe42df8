-- The sessions that a user may read. Every query of several sessions starts here; app.may_read_session decides for one
-- session by its number.
create or replace function app.readable_sessions(_user_id bigint)
returns setof app.recording_sessions
language sql
stable
begin atomic
    select s.* from app.recording_sessions as s where s.user_id = _user_id and s.deleted_at is null;
end;
