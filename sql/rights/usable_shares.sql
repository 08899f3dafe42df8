-- The shares by which a user may view (action view) or download (action download) something of others; by NULL, those
-- that allow either. All rights on what is shared are decided here, at this moment: the user is a member of the team,
-- and the share has neither ended nor expired by the database's clock.
create or replace function app.usable_shares(_user_id bigint, _action text)
returns setof app.shares
language sql
stable
begin atomic
    select h.*
    from app.team_members as m
    join app.shares as h on h.team_id = m.team_id
    where m.user_id = _user_id and h.owner_id <> _user_id
        and h.ended_at is null and (h.expires_at is null or h.expires_at > app.now())
        and case _action when 'view' then h.can_view when 'download' then h.can_download else _action is null end;
end;
