-- Removes _member_id from a team: the user leaves, or declines an invitation; or a lead removes a member. The member
-- loses what others share with the team, and the member's own shares with it end. outcome: done, missing, not_lead,
-- last_lead.
create or replace function app.remove_member(_user_id bigint, _is_admin boolean, _team_id uuid, _member_id bigint)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _own_role text := app.lock_team(_user_id, _is_admin, _team_id);
    _role text;
    _lost uuid[];
    _is_declined boolean;
begin
    if _user_id = _member_id then
        delete from app.team_invitations as i where i.team_id = _team_id and i.user_id = _user_id;
        _is_declined := found;
    elsif _own_role is distinct from 'lead' then
        return case when _own_role is null then 'missing' else 'not_lead' end;
    end if;
    select m.role into _role from app.team_members as m where m.team_id = _team_id and m.user_id = _member_id;
    if not found then
        return case when _is_declined then 'done' else 'missing' end;
    elsif _role = 'lead' and not exists (
        select from app.team_members as m where m.team_id = _team_id and m.role = 'lead' and m.user_id <> _member_id
    ) then
        return 'last_lead';
    end if;
    _lost := array(
        select h.share_id from app.usable_shares(_member_id, null) as h where h.team_id = _team_id
    );
    delete from app.team_members as m where m.team_id = _team_id and m.user_id = _member_id;
    perform app.end_shares(
        array(
            select h.share_id from app.shares as h
            where h.team_id = _team_id and h.owner_id = _member_id and h.ended_at is null
        ),
        array[_member_id]
    );
    if cardinality(_lost) > 0 then
        perform app.note_shares(array_fill(_member_id, array[cardinality(_lost)]), _lost);
    end if;
    return 'done';
end
$$;
