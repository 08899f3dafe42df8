-- How much a user has practised, and the progress: one entry per day of the user's time zone on which there are takes,
-- for the last _days days, today included. Means and the best score are those of completed takes.
create or replace function app.mypage_overview(_user_id bigint, _days integer)
returns jsonb
language sql
volatile
begin atomic
    select jsonb_build_object(
        'timezone', u.timezone,
        'bookmark_count', (select count(*) from app.bookmarks as b where b.user_id = u.id),
        'take_count', c.take_count,
        'processing_count', c.processing_count,
        'completed_count', c.completed_count,
        'failed_count', c.failed_count,
        'token_count', c.token_count,
        'script_count', c.script_count,
        'recorded_s', c.recorded_s,
        'first_take_at', analytics.iso_time(c.first_take_at),
        'last_take_at', analytics.iso_time(c.last_take_at),
        'means', jsonb_build_object(
            'pronunciation_score', c.pronunciation, 'intonation_score', c.intonation, 'emotion_score', c.emotion,
            'overall_score', c.overall
        ),
        'best_overall_score', c.best,
        'progress', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'date', p.day, 'take_count', p.take_count, 'completed_count', p.completed_count,
                'means', jsonb_build_object(
                    'pronunciation_score', p.pronunciation, 'intonation_score', p.intonation,
                    'emotion_score', p.emotion, 'overall_score', p.overall
                ),
                'best_overall_score', p.best
            ) order by p.day), '[]')
            from (
                select
                    o.day, count(*) as take_count, count(t.overall_score) as completed_count,
                    avg(t.pronunciation_score) as pronunciation, avg(t.intonation_score) as intonation,
                    avg(t.emotion_score) as emotion, avg(t.overall_score) as overall, max(t.overall_score) as best
                from analytics.local_day_bounds(
                    analytics.local_day(app.now(), u.timezone) - (_days - 1), u.timezone
                ) as bounds
                join app.takes as t on t.user_id = u.id and t.created_at >= bounds.from_at
                cross join lateral analytics.local_day(t.created_at, u.timezone) as o (day)
                group by o.day
            ) as p
        )
    )
    from app.users as u
    cross join lateral (
        select
            count(*) as take_count,
            count(*) filter (where t.status = 'processing') as processing_count,
            count(*) filter (where t.status = 'completed') as completed_count,
            count(*) filter (where t.status = 'failed') as failed_count,
            count(distinct t.line_id) as token_count,
            count(distinct l.script_id) as script_count,
            coalesce(sum(t.duration_s), 0) as recorded_s,
            min(t.created_at) as first_take_at,
            max(t.created_at) as last_take_at,
            avg(t.pronunciation_score) as pronunciation,
            avg(t.intonation_score) as intonation,
            avg(t.emotion_score) as emotion,
            avg(t.overall_score) as overall,
            max(t.overall_score) as best
        from app.takes as t
        join app.lines as l on l.id = t.line_id
        where t.user_id = u.id
    ) as c
    where u.id = _user_id;
end;
