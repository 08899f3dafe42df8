-- The number of the newest change of what is shared with a user after a change number; NULL: there is none.
create or replace function app.newest_share_change(_user_id bigint, _after bigint)
returns bigint
language sql
stable
begin atomic
    select max(c.change_no) from app.changes as c
    where c.user_id = _user_id and c.entity = 'share' and c.change_no > _after;
end;
