-- depends: 0005.create-sync-epoch

-- The queue of background work and its history. Redis only wakes workers up.
create table app.jobs (
    id uuid primary key default gen_random_uuid(),
    task text not null,
    lane text not null default 'batch' check (lane in ('interactive', 'batch')),
    -- How many unfinished jobs of the same user were before it in its lane when it became due. NULL: not due yet.
    queue_rank integer,
    user_id bigint references app.users,
    -- The session it is about, and the change number at which it was requested: the same question about the same
    -- state has the same answer.
    recording_id bigint references app.recording_sessions,
    change_no bigint,
    -- The client's id of the session, which never changes.
    session_id text,
    arguments jsonb not null,
    -- queued -> running -> completed | failed; running -> queued (another attempt); queued, running -> cancelled
    status text not null default 'queued'
        check (status in ('queued', 'running', 'completed', 'failed', 'cancelled')),
    progress smallint not null default 0 check (progress between 0 and 100),
    message text,
    -- Raised by every change that is published to listeners.
    version bigint not null default 1,
    -- The fencing token: what an attempt writes counts only while it is the newest.
    attempt integer not null default 0,
    -- The attempt after which the job fails: max_attempts, and one more for each attempt that only yielded.
    last_attempt integer not null default 3,
    max_attempts integer not null default 3,
    run_at timestamptz not null default now(),
    lease_until timestamptz,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    result jsonb,
    error text
);
-- Workers: the next job of a lane, jobs that become due, jobs that a dead worker left.
create index jobs_next_idx on app.jobs (lane, queue_rank, run_at) where status = 'queued' and queue_rank is not null;
create index jobs_waiting_idx on app.jobs (run_at) where status = 'queued' and queue_rank is null;
create index jobs_lease_until_idx on app.jobs (lease_until) where status = 'running';
-- The rank of a new job, and the limit of waiting jobs per user. 0 stands for the service itself.
create index jobs_unfinished_idx on app.jobs (coalesce(user_id, 0), lane) where status in ('queued', 'running');
-- A user's history, newest first; whether a question was answered before.
create index jobs_user_id_idx on app.jobs (user_id, created_at desc, id desc) include (version);
create index jobs_question_idx on app.jobs (user_id, task, recording_id);

-- For the operator: which workers are alive, which lanes they serve and which tasks they know.
create table app.workers (
    name text primary key,
    started_at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    running integer not null,
    lanes text[] not null default '{}',
    tasks text[] not null default '{}'
);
