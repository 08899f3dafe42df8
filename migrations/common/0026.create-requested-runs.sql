-- depends: 0022.create-stored-partials

-- Runs that somebody requested, beside those of scheduled times. Without a schedule: of a task, or the schedule is
-- gone. Without who requested it: on the command line. No foreign key to app.jobs, as for scheduled runs.
create table app.requested_runs (
    job_id uuid primary key,
    schedule_id bigint references app.schedules on delete set null,
    requested_by bigint references app.users on delete set null,
    requested_at timestamptz not null default clock_timestamp()
);
-- The newest runs, of all and of one schedule.
create index requested_runs_requested_at_idx on app.requested_runs (requested_at);
create index requested_runs_schedule_id_idx on app.requested_runs (schedule_id, requested_at);
create index scheduled_runs_enqueued_at_idx on app.scheduled_runs (enqueued_at);
create index scheduled_runs_newest_idx on app.scheduled_runs (schedule_id, enqueued_at);
