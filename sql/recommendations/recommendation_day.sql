-- What a recommender is given of a user's day: records of the diary, the earliest first, and what the rules find. An
-- exercise has the minutes and the distance of its session where the record has none. Nothing in it names the user.
create or replace function app.recommendation_day(_user_id bigint, _day date)
returns table (foods jsonb, exercises jsonb, findings jsonb)
language sql
stable
begin atomic
    with records as (
        select r.*, extract(hour from r.at at time zone u.timezone)::integer as hour
        from app.users as u
        cross join lateral app.list_records(u.id, null, _day, null, null, null) as r
        where u.id = _user_id
    )
    select
        (
            select coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'hour', r.hour, 'what', r.what, 'energy_kcal', r.energy_kcal, 'tags', coalesce(r.tags, '[]')
                    )
                    order by r.at, r.record_id
                ), '[]'
            )
            from records as r
            where r.record_type = 'food'
        ),
        (
            select coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'hour', r.hour, 'activity', r.activity,
                        'minutes', coalesce(r.minutes, s.duration_s / 60), 'distance_m', s.distance_m
                    )
                    order by r.at, r.record_id
                ), '[]'
            )
            from records as r
            left join lateral app.exercise_of_session(_user_id, r.session_id) as s on true
            where r.record_type = 'exercise'
        ),
        (select coalesce(jsonb_agg(to_jsonb(f)), '[]') from app.day_findings(_user_id, _day) as f);
end;
