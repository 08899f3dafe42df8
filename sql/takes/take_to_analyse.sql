-- What an analysis server is sent of a take, how far that is, and the time it is now.
create or replace function app.take_to_analyse(_job_id uuid)
returns table (
    status text, now timestamptz, give_up_at timestamptz, submitted_at timestamptz, submissions integer,
    text text, language text, take_key text, reference_key text
)
language sql
stable
begin atomic
    select
        t.status, clock_timestamp(), t.give_up_at, t.submitted_at, t.submissions,
        l.text, s.language, t.audio_key, l.audio_key
    from app.takes as t
    join app.lines as l on l.id = t.line_id
    join app.scripts as s on s.id = l.script_id
    where t.job_id = _job_id;
end;
