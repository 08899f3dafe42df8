-- depends: 0028.create-recommendations

-- Who speaks the lines.
create table app.actors (
    id bigint generated always as identity primary key,
    name text not null unique check (length(name) between 1 and 200),
    created_at timestamptz not null default clock_timestamp()
);

-- A scene of a film that users practise.
create table app.scripts (
    id bigint generated always as identity primary key,
    -- What an import calls it: the same again is an update. NULL: made through the API without one.
    source_id text unique check (length(source_id) between 1 and 200),
    title text not null check (length(title) between 1 and 200),
    description text not null default '' check (length(description) <= 5000),
    -- BCP 47.
    language text not null check (length(language) between 2 and 35),
    view_count bigint not null default 0,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp()
);
create index scripts_popular_idx on app.scripts (view_count desc, id);

-- A line of a script; the API calls it a token.
create table app.lines (
    id bigint generated always as identity primary key,
    script_id bigint not null references app.scripts on delete cascade,
    -- Its place in the script, from 1.
    line_no integer not null check (line_no >= 1),
    actor_id bigint references app.actors,
    text text not null check (length(text) between 1 and 2000),
    -- Seconds from the beginning of the film.
    start_s double precision check (start_s >= 0 and start_s < 'infinity'),
    end_s double precision check (end_s < 'infinity'),
    -- How it is spoken in the film. NULL: it has no reference audio yet, and no takes.
    audio_key text unique references app.stored_objects,
    audio_duration_s double precision check (audio_duration_s > 0),
    audio_sample_rate_hz integer check (audio_sample_rate_hz > 0),
    unique (script_id, line_no),
    check (end_s > start_s),
    check ((audio_key is null) = (audio_duration_s is null)),
    check ((audio_key is null) = (audio_sample_rate_hz is null))
);
create index lines_actor_id_idx on app.lines (actor_id);

-- A recording of a line by a user, and what the analysis server found. Its job may be gone; the take stays.
create table app.takes (
    job_id uuid primary key,
    user_id bigint not null references app.users on delete cascade,
    line_id bigint not null references app.lines,
    audio_key text not null unique references app.stored_objects,
    duration_s double precision not null check (duration_s > 0),
    sample_rate_hz integer not null check (sample_rate_hz > 0),
    created_at timestamptz not null default clock_timestamp(),
    -- When the analysis server accepted it, how often it was asked to, and when it is given up.
    submitted_at timestamptz,
    submissions integer not null default 0,
    give_up_at timestamptz not null,
    status text not null default 'processing' check (status in ('processing', 'completed', 'failed')),
    pronunciation_score double precision check (pronunciation_score between 0 and 100),
    intonation_score double precision check (intonation_score between 0 and 100),
    emotion_score double precision check (emotion_score between 0 and 100),
    overall_score double precision check (overall_score between 0 and 100),
    detailed_feedback jsonb,
    error text,
    finished_at timestamptz,
    check ((status = 'processing') = (finished_at is null)),
    check ((status = 'completed') = (overall_score is not null)),
    check ((status = 'failed') = (error is not null))
);
create index takes_user_id_idx on app.takes (user_id, created_at desc, job_id);
create index takes_line_id_idx on app.takes (line_id);

-- Lines that a user wants to find again.
create table app.bookmarks (
    user_id bigint not null references app.users on delete cascade,
    line_id bigint not null references app.lines on delete cascade,
    created_at timestamptz not null default clock_timestamp(),
    primary key (user_id, line_id)
);
create index bookmarks_line_id_idx on app.bookmarks (line_id);

-- A server that fails is left alone for a while, by all processes.
create table app.circuit_breakers (
    name text primary key,
    failures integer not null default 0,
    open_until timestamptz
);
