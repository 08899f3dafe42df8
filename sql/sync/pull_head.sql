-- The user's change sequence, and the sync epoch. Read before a page's rows, never after.
create or replace function app.pull_head(_user_id bigint)
returns table (sync_epoch uuid, sync_epoch_at timestamptz, change_no bigint, changed_at timestamptz)
language sql
stable
begin atomic
    select g.id, g.created_at, c.change_no, c.changed_at
    from app.sync_epoch as g, app.change_sequences as c
    where c.user_id = _user_id;
end;
