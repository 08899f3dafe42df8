-- The shares that a user may end: of what is their own, with teams that they lead, or, for an administrator, all.
create or replace function app.revocable_shares(_user_id bigint, _is_admin boolean)
returns setof app.shares
language sql
stable
begin atomic
    select h.*
    from app.shares as h
    where h.ended_at is null and (
        h.owner_id = _user_id
        or _is_admin
        or exists (
            select from app.team_members as m
            where m.team_id = h.team_id and m.user_id = _user_id and m.role = 'lead'
        )
    );
end;
