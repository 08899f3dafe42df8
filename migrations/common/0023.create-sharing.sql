-- depends: 0022.create-stored-partials

-- What changed for a user under which number of their change sequence: the newest change per entity, which has its
-- state elsewhere. Rows stay, so that a cursor may be of any age.
create table app.changes (
    user_id bigint not null references app.users,
    entity text not null check (entity in ('share')),
    entity_id uuid not null,
    change_no bigint not null,
    changed_at timestamptz not null,
    primary key (user_id, entity, entity_id)
);
create index changes_change_no_idx on app.changes (user_id, entity, change_no);

create table app.teams (
    team_id uuid primary key default gen_random_uuid(),
    name text not null,
    created_by bigint not null references app.users,
    created_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz
);
create index teams_created_by_idx on app.teams (created_by) where deleted_at is null;

-- A team that is not deleted always has a lead: who changes members holds the team's row locked.
create table app.team_members (
    team_id uuid not null references app.teams,
    user_id bigint not null references app.users,
    role text not null check (role in ('lead', 'member')),
    joined_at timestamptz not null default clock_timestamp(),
    primary key (team_id, user_id)
);
create index team_members_user_id_idx on app.team_members (user_id);

-- user_id: the account that had the name when it was invited, which alone may accept; NULL: none had. A lead sees the
-- name as it was typed either way, so that it does not show which names have accounts.
create table app.team_invitations (
    invitation_id uuid primary key default gen_random_uuid(),
    team_id uuid not null references app.teams,
    invited text not null,
    invited_key text not null,
    user_id bigint references app.users,
    role text not null check (role in ('lead', 'member')),
    created_at timestamptz not null default clock_timestamp(),
    unique (team_id, invited_key)
);
create index team_invitations_user_id_idx on app.team_invitations (user_id) where user_id is not null;

-- A share opens a job or a session of its owner to a team. It stays when it has ended, for deltas and its access log.
-- job_id has no foreign key: the job may be deleted, which ends the share.
create table app.shares (
    share_id uuid primary key default gen_random_uuid(),
    team_id uuid not null references app.teams,
    owner_id bigint not null references app.users,
    job_id uuid,
    recording_id bigint references app.recording_sessions,
    shared_by bigint not null references app.users,
    can_view boolean not null,
    can_download boolean not null,
    -- By the database's clock; NULL: it does not expire.
    expires_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    check (num_nonnulls(job_id, recording_id) = 1),
    check (can_view or can_download)
);
create unique index shares_job_id_idx on app.shares (job_id, team_id) where ended_at is null;
create unique index shares_recording_id_idx on app.shares (recording_id, team_id) where ended_at is null;
create index shares_team_id_idx on app.shares (team_id, expires_at) where ended_at is null;
create index shares_owner_id_idx on app.shares (owner_id, created_at desc, share_id desc) where ended_at is null;

-- Who used a share for what: the first time per hour, so that a client that polls adds a row per hour.
create table app.share_accesses (
    id bigint generated always as identity primary key,
    share_id uuid not null references app.shares,
    user_id bigint not null references app.users,
    action text not null check (action in ('view', 'download')),
    hour timestamptz not null,
    at timestamptz not null,
    unique (share_id, user_id, action, hour)
);
create index share_accesses_at_idx on app.share_accesses (share_id, at desc, id desc);

-- Shares end with the job or the account, however it is deleted or disabled. What ends them is looked up when a trigger
-- runs, as sql/ makes it after the migrations.
create function app.end_shares_of_jobs()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _shares uuid[] := array(
        select h.share_id from app.shares as h join deleted_jobs as d on d.id = h.job_id where h.ended_at is null
    );
begin
    if cardinality(_shares) > 0 then
        perform app.end_shares(_shares);
    end if;
    return null;
end
$$;

create trigger jobs_delete_trigger after delete on app.jobs
referencing old table as deleted_jobs
for each statement execute function app.end_shares_of_jobs();

create function app.end_shares_of_user()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _shares uuid[] := array(
        select h.share_id from app.shares as h where h.owner_id = new.id and h.ended_at is null
    );
begin
    if cardinality(_shares) > 0 then
        perform app.end_shares(_shares);
    end if;
    return null;
end
$$;

create trigger users_disable_trigger after update of is_active on app.users
for each row when (old.is_active and not new.is_active) execute function app.end_shares_of_user();
