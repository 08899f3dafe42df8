-- Writes a job; the only writer of new ones. Returns its id. The same _id twice is one job.
-- Its rank is the number of the user's unfinished jobs in the lane; with a time that has not come, it gets one then.
create or replace function app.enqueue_job(
    _task text, _lane text, _arguments jsonb, _user_id bigint default null, _recording_id bigint default null,
    _change_no bigint default null, _max_attempts integer default 3, _run_at timestamptz default null,
    _id uuid default null, _answer_key text default null
)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _job_id uuid := coalesce(_id, gen_random_uuid());
    _now timestamptz := clock_timestamp();
begin
    insert into app.jobs as j (
        id, task, lane, queue_rank, arguments, user_id, recording_id, change_no, session_id,
        max_attempts, last_attempt, run_at, answer_key
    ) values (
        _job_id, _task, _lane, case when coalesce(_run_at <= _now, true) then app.queue_rank(_user_id, _lane) end,
        _arguments, _user_id, _recording_id, _change_no,
        (select s.session_id from app.recording_sessions as s where s.id = _recording_id),
        _max_attempts, _max_attempts, coalesce(_run_at, _now), _answer_key
    )
    on conflict (id) do nothing;
    return _job_id;
end
$$;
