-- Ends a take by its scores, or (_error not null) by an error. No row: there is none, or it has ended.
-- The job's row is locked first, as by all who end jobs.
create or replace function app.end_take(
    _job_id uuid, _pronunciation_score double precision, _intonation_score double precision,
    _emotion_score double precision, _overall_score double precision, _detailed_feedback jsonb, _error text
)
returns setof app.takes
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform from app.jobs where id = _job_id for update;
    return query
    update app.takes as t
    set
        status = case when _error is null then 'completed' else 'failed' end,
        pronunciation_score = _pronunciation_score,
        intonation_score = _intonation_score,
        emotion_score = _emotion_score,
        overall_score = _overall_score,
        detailed_feedback = _detailed_feedback,
        error = _error,
        finished_at = clock_timestamp()
    where t.job_id = _job_id and t.status = 'processing'
    returning t.*;
end
$$;
