-- Saves what a run made of a user's day: two texts, or an error. False: there is a recommendation already, or the user
-- is gone. An error is replaced by the next run.
create or replace function app.save_recommendation(
    _user_id bigint, _day date, _recommender text, _text_ko text, _text_en text, _rules text[], _findings jsonb,
    _error text, _job_id uuid
)
returns boolean
language sql
volatile
begin atomic
    with saved as (
        insert into app.recommendations as r (
            user_id, day, recommender, text_ko, text_en, rules, findings, error, job_id
        )
        select u.id, _day, _recommender, _text_ko, _text_en, _rules, _findings, _error, _job_id
        from app.users as u
        where u.id = _user_id
        on conflict (user_id, day) do update
        set
            recommender = excluded.recommender, text_ko = excluded.text_ko, text_en = excluded.text_en,
            rules = excluded.rules, findings = excluded.findings, error = excluded.error, job_id = excluded.job_id,
            attempts = r.attempts + 1, updated_at = excluded.updated_at
        where r.error is not null
        returning 1
    )
    select count(*) > 0 from saved;
end;
