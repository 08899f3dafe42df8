-- depends: 0008.create-archived-rollups

-- How long things are kept, in days: koodtx retention show | set.
create table app.retention (
    name text primary key check (name in ('sensor-data', 'ceiling', 'sync-logs', 'columnstore')),
    days integer not null check (days between 1 and 36500)
);
insert into app.retention (name, days)
values ('sensor-data', 30), ('ceiling', 400), ('sync-logs', 90), ('columnstore', 7);

-- What maintenance did, would have done, or did not do for want of a confirmation.
create table app.maintenance_runs (
    id bigint generated always as identity primary key,
    task text not null,
    -- One run per job: a later attempt resumes it. NULL: started by hand.
    job_id uuid constraint maintenance_runs_job_id_key unique,
    arguments jsonb not null,
    is_dry_run boolean not null,
    -- What is older goes.
    cutoff_at timestamptz,
    status text not null check (status in ('running', 'paused', 'completed', 'failed', 'unconfirmed')),
    -- By the database's clock, and by that of the machine that the task ran on: one that jumps is noticed by the other.
    started_at timestamptz not null,
    host_started_at timestamptz not null,
    finished_at timestamptz,
    -- The last session dealt with: an attempt that goes on begins after it.
    resume_after bigint not null default 0,
    -- Sessions dealt with, rows deleted, and the bytes that those took: reused by new rows, or given back with a chunk.
    session_count bigint not null default 0,
    rows_freed bigint not null default 0,
    bytes_freed bigint not null default 0,
    details jsonb not null default '{}',
    error text
);
-- The last run of a task; the newest of all.
create index maintenance_runs_task_idx on app.maintenance_runs (task, started_at desc);
create index maintenance_runs_started_at_idx on app.maintenance_runs (started_at desc);

-- Tasks that are started regularly.
create table app.schedules (
    id bigint generated always as identity primary key,
    name text not null constraint schedules_name_key unique check (length(name) between 1 and 64),
    task text not null,
    args jsonb not null default '{}' check (jsonb_typeof(args) = 'object'),
    -- Weekly is Sunday, monthly the first.
    frequency text not null check (frequency in ('daily', 'weekly', 'monthly')),
    hour integer not null default 0 check (hour between 0 and 23),
    minute integer not null default 0 check (minute between 0 and 59),
    -- Asked for a time, PostgreSQL refuses a zone that it does not know.
    timezone text not null check (timestamp '2000-01-01' at time zone timezone is not null),
    is_active boolean not null default true,
    -- A run of an earlier time is never started.
    created_at timestamptz not null default clock_timestamp()
);

-- Scheduled runs that were started: the row is inserted and the job enqueued in one transaction. No foreign key
-- to app.jobs: a run was started also when its job has been deleted.
create table app.scheduled_runs (
    schedule_id bigint not null references app.schedules on delete cascade,
    scheduled_at timestamptz not null,
    job_id uuid not null,
    enqueued_at timestamptz not null default clock_timestamp(),
    primary key (schedule_id, scheduled_at)
);
-- The scheduled run that enqueued a job.
create index scheduled_runs_job_id_idx on app.scheduled_runs (job_id);
