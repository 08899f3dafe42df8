-- Whether a user may view or download a session: their own, or one that a share opens to them.
create or replace function app.may_read_session(_user_id bigint, _recording_id bigint, _action text default 'view')
returns boolean
language sql
stable
begin atomic
    select exists(
        select from app.recording_sessions as s
        where s.id = _recording_id and s.deleted_at is null and (
            s.user_id = _user_id
            or exists (select from app.usable_shares(_user_id, _action) as h where h.recording_id = s.id)
        )
    );
end;
