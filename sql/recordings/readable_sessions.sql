-- The sessions that a user may read: without _share_id the user's own, with it the session that this share opens to the
-- user for the action view or download. Every query of several sessions starts here; app.may_read_session decides for
-- one session by its number. One condition on user_id in both cases, so that lists are read in the order of an index.
create or replace function app.readable_sessions(
    _user_id bigint, _share_id uuid default null, _action text default 'view'
)
returns setof app.recording_sessions
language sql
stable
begin atomic
    select s.*
    from app.recording_sessions as s
    where s.user_id = case
        when _share_id is null then _user_id
        else (select h.owner_id from app.usable_shares(_user_id, _action) as h where h.share_id = _share_id)
    end
        and (
            _share_id is null
            or s.id = (
                select h.recording_id from app.usable_shares(_user_id, _action) as h where h.share_id = _share_id
            )
        )
        and s.deleted_at is null;
end;
