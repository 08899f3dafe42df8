-- A take as the pages of its user show it; NULL: there is none.
create or replace function app.take_json(_job_id uuid)
returns jsonb
language sql
stable
begin atomic
    select jsonb_build_object(
        'job_id', t.job_id, 'status', t.status, 'created_at', analytics.iso_time(t.created_at),
        'duration_s', t.duration_s, 'pronunciation_score', t.pronunciation_score,
        'intonation_score', t.intonation_score, 'emotion_score', t.emotion_score, 'overall_score', t.overall_score,
        'error', t.error
    )
    from app.takes as t
    where t.job_id = _job_id;
end;
