-- A page of the lines of which a user has takes, the one of the latest take first. best_take: the completed one with
-- the highest overall score, the first that reached it; NULL: none has completed.
create or replace function app.dubbed_lines(_user_id bigint, _limit integer, _offset bigint)
returns table (
    token_id bigint, script_id bigint, line_no integer, text text, actor_id bigint, actor_name text,
    start_time double precision, end_time double precision, audio_key text, audio_duration_s double precision,
    script_title text, take_count bigint, completed_count bigint, failed_count bigint, last_take jsonb,
    best_take jsonb
)
language sql
stable
begin atomic
    select
        d.token_id, d.script_id, d.line_no, d.text, d.actor_id, d.actor_name, d.start_time, d.end_time, d.audio_key,
        d.audio_duration_s, s.title, p.take_count, p.completed_count, p.failed_count, app.take_json(p.last_job_id),
        app.take_json(p.best_job_id)
    from (
        select
            t.line_id, max(t.created_at) as last_at, count(*) as take_count,
            count(*) filter (where t.status = 'completed') as completed_count,
            count(*) filter (where t.status = 'failed') as failed_count,
            (array_agg(t.job_id order by t.created_at desc, t.job_id asc))[1] as last_job_id,
            (
                array_agg(t.job_id order by t.overall_score desc, t.created_at asc, t.job_id asc)
                filter (where t.status = 'completed')
            )[1] as best_job_id
        from app.takes as t
        where t.user_id = _user_id
        group by t.line_id
        order by last_at desc, t.line_id desc
        limit _limit offset _offset
    ) as p
    join app.line_details as d on d.token_id = p.line_id
    join app.scripts as s on s.id = d.script_id
    order by p.last_at desc, p.line_id desc;
end;
