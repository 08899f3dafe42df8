-- Ends shares, at once for everybody; their members learn of it. Returns how many had not ended yet.
-- _also: users whose change sequence the caller raises afterwards, so that all are locked in one order.
create or replace function app.end_shares(_share_ids uuid[], _also bigint[] default '{}')
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _ended uuid[];
    _users bigint[];
    _shares uuid[];
begin
    perform from app.teams as t
    where t.team_id in (select h.team_id from app.shares as h where h.share_id = any(_share_ids))
    order by t.team_id for update;
    with ended as (
        update app.shares as h set ended_at = app.now()
        where h.share_id = any(_share_ids) and h.ended_at is null
        returning h.share_id
    )
    select coalesce(array_agg(e.share_id), '{}') into _ended from ended as e;
    select coalesce(array_agg(m.user_id), '{}'), coalesce(array_agg(h.share_id), '{}') into _users, _shares
    from app.shares as h join app.team_members as m on m.team_id = h.team_id and m.user_id <> h.owner_id
    where h.share_id = any(_ended);
    perform app.note_shares(_users, _shares, _also);
    return cardinality(_ended);
end
$$;
