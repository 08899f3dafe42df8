-- The end of an attempt: its result, or (_error not null) its error. No row: the attempt no longer counts.
-- After an error that may pass the job is queued again, later each time, until its last attempt.
create or replace function app.finish_job(
    _id uuid, _attempt integer, _result jsonb, _error text, _is_final boolean
)
returns setof app.jobs
language sql
volatile
begin atomic
    update app.jobs
    set
        status = case
            when _error is null then 'completed'
            when _is_final or attempt >= last_attempt then 'failed'
            else 'queued'
        end,
        version = version + 1,
        lease_until = null,
        result = _result,
        error = _error,
        progress = case when _error is null then 100 else progress end,
        message = null,
        finished_at = case
            when _error is null or _is_final or attempt >= last_attempt then clock_timestamp()
        end,
        -- It gets a new rank when its time comes.
        queue_rank = case when _error is null or _is_final or attempt >= last_attempt then queue_rank end,
        run_at = case
            when _error is null then run_at
            else clock_timestamp() + (max_attempts - (last_attempt - attempt)) * interval '5 seconds'
        end
    where id = _id and attempt = _attempt and status = 'running'
    returning jobs.*;
end;
