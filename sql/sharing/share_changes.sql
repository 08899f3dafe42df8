-- A page of the shares, of jobs or (_of_sessions) of sessions, that were gained or lost by a user after _base (a change
-- number) and _since (a time of app.now()): what changed, and what expired meanwhile, which is recorded nowhere; by
-- share_id, after _after. is_live: the user has it now. With _base 0 the user has nothing to lose.
create or replace function app.share_changes(
    _user_id bigint, _of_sessions boolean, _base bigint, _since timestamptz, _after uuid, _limit integer
)
returns table (
    share_id uuid, is_live boolean, job_id uuid, kind text, session_id text, team_id uuid, team_name text,
    owner_id bigint, owner_name text, can_view boolean, can_download boolean, expires_at timestamptz,
    created_at timestamptz
)
language sql
stable
begin atomic
    with touched as materialized (
        select c.entity_id as share_id from app.changes as c
        where c.user_id = _user_id and c.entity = 'share' and c.change_no > _base
        union
        -- Between the two times in either order: the clock may have been set back.
        select h.share_id
        from app.team_members as m
        join app.shares as h on h.team_id = m.team_id
        where m.user_id = _user_id and h.owner_id <> _user_id and h.ended_at is null
            and h.expires_at > least(_since, app.now()) and h.expires_at <= greatest(_since, app.now())
    )
    select
        h.share_id, u.share_id is not null, h.job_id, j.task, coalesce(s.session_id, j.session_id), h.team_id, t.name,
        h.owner_id, coalesce(o.name, o.username), h.can_view, h.can_download, h.expires_at, h.created_at
    from touched
    join app.shares as h on h.share_id = touched.share_id
    join app.teams as t on t.team_id = h.team_id
    join app.users as o on o.id = h.owner_id
    left join app.usable_shares(_user_id, null) as u on u.share_id = h.share_id
    left join app.jobs as j on j.id = h.job_id
    left join app.recording_sessions as s on s.id = h.recording_id
    where (h.recording_id is not null) = _of_sessions
        and (u.share_id is not null or _base > 0)
        and (_after is null or h.share_id > _after)
    order by h.share_id
    limit _limit;
end;
