-- Whether a user may read a session.
create or replace function app.may_read_session(_user_id bigint, _recording_id bigint)
returns boolean
language sql
stable
begin atomic
    select exists(select from app.readable_sessions(_user_id) as s where s.id = _recording_id);
end;
