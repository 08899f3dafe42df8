-- The shares of what is a user's own that have neither ended nor expired, newest first, after a place by time and id
-- (keyset); of one job or one session (by the client's id), if that is given. Or, without _owner_id, the one named.
create or replace function app.live_shares(
    _owner_id bigint, _job_id uuid, _session_id text, _before_at timestamptz, _before_id uuid, _limit integer,
    _share_id uuid default null
)
returns table (
    share_id uuid, job_id uuid, kind text, session_id text, team_id uuid, team_name text, can_view boolean,
    can_download boolean, expires_at timestamptz, created_at timestamptz
)
language sql
stable
begin atomic
    select
        h.share_id, h.job_id, j.task, coalesce(s.session_id, j.session_id), h.team_id, t.name, h.can_view,
        h.can_download, h.expires_at, h.created_at
    from app.shares as h
    join app.teams as t on t.team_id = h.team_id
    left join app.jobs as j on j.id = h.job_id
    left join app.recording_sessions as s on s.id = h.recording_id
    where (h.owner_id = _owner_id or _owner_id is null) and (h.share_id = _share_id or _share_id is null)
        and h.ended_at is null and (h.expires_at is null or h.expires_at > app.now())
        and (_job_id is null or h.job_id = _job_id)
        and (_session_id is null or s.session_id = _session_id)
        and (_before_at is null or (h.created_at, h.share_id) < (_before_at, _before_id))
    order by h.created_at desc, h.share_id desc
    limit _limit;
end;
