-- Minutes that come from the session of a record are those of app.exercise_of_session().
create or replace function app.rule_weekly_exercise(_user bigint, _day date)
returns table (rule text, value double precision, threshold double precision, unit text, is_met boolean)
language sql
stable
begin atomic
    select
        'weekly_exercise', found.minutes, 150::double precision, 'min',
        case when found.minutes >= 150 then true when found.is_whole then false end
    from (
        select
            sum(coalesce(r.minutes, s.duration_s / 60)) as minutes,
            bool_and(coalesce(r.minutes, s.duration_s / 60) is not null) as is_whole
        from app.users as u
        cross join lateral analytics.local_day_bounds(_day - 6, u.timezone) as first
        cross join lateral analytics.local_day_bounds(_day, u.timezone) as last
        join app.diary_records as r
            on r.user_id = u.id and r.at >= first.from_at and r.at < last.until_at
        left join lateral app.exercise_of_session(u.id, r.session_id) as s on r.minutes is null
        where u.id = _user and r.record_type = 'exercise' and r.deleted_at is null
    ) as found;
end;

comment on function app.rule_weekly_exercise(bigint, date) is
'Minutes of exercise in the diary, in the 7 local days that end with _day; a record without minutes has those of its '
'session. Met: 150 min or more. NULL: no record has a known duration; of is_met also: too little is known. Source: '
'WHO guidelines on physical activity and sedentary behaviour, 2020: adults should do at least 150 to 300 minutes of '
'moderate activity a week. The diary does not know how hard an exercise was: each minute counts once.';
