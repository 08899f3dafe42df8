-- A user's sessions that changed after a change number, in the order of their changes.
create or replace function app.changed_sessions(_user_id bigint, _after bigint, _limit integer)
returns table (session_id text, change_no bigint, updated_at timestamptz, is_deleted boolean)
language sql
stable
begin atomic
    select s.session_id, s.change_no, s.updated_at, s.deleted_at is not null
    from app.recording_sessions as s
    where s.user_id = _user_id and s.change_no > _after
    order by s.change_no
    limit _limit;
end;
