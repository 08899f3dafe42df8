-- The last step of every transaction that changes shares: users learn that shares have changed for them, pair by pair.
-- Each user's change sequence is raised once, all of them locked in one order, with those of _also, which the caller
-- raises afterwards.
create or replace function app.note_shares(_users bigint[], _shares uuid[], _also bigint[] default '{}')
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform from app.change_sequences as c where c.user_id = any(_users || _also) order by c.user_id for update;
    -- Materialized, so that a number is taken per user and not per pair.
    with numbered as materialized (
        select u.user_id, n.change_no, n.changed_at
        from (select distinct unnest(_users) as user_id) as u
        cross join lateral app.next_change(u.user_id, 0) as n
    )
    insert into app.changes as c (user_id, entity, entity_id, change_no, changed_at)
    select n.user_id, 'share', pair.share_id, n.change_no, n.changed_at
    from unnest(_users, _shares) as pair (user_id, share_id)
    join numbered as n on n.user_id = pair.user_id
    on conflict (user_id, entity, entity_id) do update
    set change_no = excluded.change_no, changed_at = excluded.changed_at;
end
$$;
