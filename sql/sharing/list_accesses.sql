-- The access log of a share of what is a user's own, newest first, after a place by time and number (keyset).
create or replace function app.list_accesses(
    _owner_id bigint, _share_id uuid, _before_at timestamptz, _before_id bigint, _limit integer
)
returns table (id bigint, user_id bigint, name text, action text, at timestamptz)
language sql
stable
begin atomic
    select a.id, a.user_id, coalesce(u.name, u.username), a.action, a.at
    from app.shares as h
    join app.share_accesses as a on a.share_id = h.share_id
    join app.users as u on u.id = a.user_id
    where h.share_id = _share_id and h.owner_id = _owner_id
        and (_before_at is null or (a.at, a.id) < (_before_at, _before_id))
    order by a.at desc, a.id desc
    limit _limit;
end;
