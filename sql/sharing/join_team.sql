-- Accepts an invitation: what is shared with the team is gained, however old. False: there is none, and the user is not
-- a member either.
create or replace function app.join_team(_user_id bigint, _team_id uuid)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _is_member boolean := app.lock_team(_user_id, false, _team_id) is not null;
    _role text;
begin
    with accepted as (
        delete from app.team_invitations as i where i.team_id = _team_id and i.user_id = _user_id returning i.role
    )
    select min(a.role) into _role from accepted as a;
    if _is_member or _role is null then
        return _is_member;
    end if;
    insert into app.team_members (team_id, user_id, role) values (_team_id, _user_id, _role);
    perform app.note_shares(array_agg(_user_id), array_agg(h.share_id))
    from app.usable_shares(_user_id, null) as h where h.team_id = _team_id
    having count(h.share_id) > 0;
    return true;
end
$$;
