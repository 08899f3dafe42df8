-- depends: 0026.create-requested-runs 0027.create-diary

-- One recommendation per user and local day, or why there is none yet. That nobody gets two is the primary key.
create table app.recommendations (
    user_id bigint not null references app.users,
    day date not null,
    recommender text not null,
    text_ko text,
    text_en text,
    rules text[] not null,
    findings jsonb not null,
    error text,
    -- How many runs tried, and the job of the last one.
    attempts integer not null default 1,
    job_id uuid not null,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (user_id, day),
    check ((text_ko is null) = (error is not null)),
    check ((text_en is null) = (error is not null))
);

-- The schedule of the job that makes them, where schedules have been created before.
insert into app.schedules (name, task, frequency, hour, timezone, due_from)
select 'recommend-daily', 'recommend_daily', 'daily', 4, s.timezone, clock_timestamp()
from app.schedules as s
order by s.id
limit 1
on conflict (name) do nothing;
