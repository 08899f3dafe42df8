-- depends: 0005.create-sync-epoch

-- The truth about background work. Redis only rings the bell.
create table app.jobs (
    id uuid primary key default gen_random_uuid(),
    kind text not null,
    user_id bigint references app.users,
    -- The recording session it is about, and the change_no under which it was asked: the same question about the
    -- same state has the same answer.
    recording_id bigint references app.recording_sessions,
    session_change_no bigint,
    arguments jsonb not null,
    -- queued -> running -> completed | failed; running -> queued (another attempt); queued, running -> cancelled
    status text not null default 'queued'
        check (status in ('queued', 'running', 'completed', 'failed', 'cancelled')),
    progress smallint not null default 0 check (progress between 0 and 100),
    message text,
    -- Raised by every change that a listener is told of.
    version bigint not null default 1,
    -- The fencing token: what an attempt writes counts only while it is the newest.
    attempt integer not null default 0,
    -- The attempt after which the job is given up.
    last_attempt integer not null default 3,
    run_at timestamptz not null default now(),
    lease_until timestamptz,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    result jsonb,
    error text
);
-- Workers: what is due, what a dead worker left.
create index jobs_due_idx on app.jobs (run_at) where status = 'queued';
create index jobs_lease_until_idx on app.jobs (lease_until) where status = 'running';
-- A user's history, newest first; whether a question was answered before.
create index jobs_user_id_idx on app.jobs (user_id, created_at desc, id desc) include (version);
create index jobs_question_idx on app.jobs (user_id, kind, recording_id);

-- For the operator: which workers are alive.
create table app.workers (
    name text primary key,
    started_at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    running integer not null
);
