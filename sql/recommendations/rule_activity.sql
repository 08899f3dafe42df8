-- Two findings of one function, as each would read the same recordings.
create or replace function app.rule_activity(_user bigint, _day date)
returns table (rule text, value double precision, threshold double precision, unit text, is_met boolean)
language sql
stable
begin atomic
    select
        found.rule, found.value, found.threshold, found.unit,
        case
            when found.value >= found.threshold then true
            when found.value is not null and day.minutes >= 600 then false
        end
    from (
        -- A row of NULLs if nothing was recorded.
        select
            max(a.steps)::double precision as steps, max(a.mad_moderate_minutes) as moderate_minutes,
            max(a.minutes) as minutes
        from analytics.user_activity(_user, _day, _day) as a
    ) as day
    cross join lateral (
        values
            ('steps', day.steps, 8000::double precision, 'steps'),
            ('moderate_minutes', day.moderate_minutes, 150 / 7.0::double precision, 'min')
    ) as found (rule, value, threshold, unit);
end;

comment on function app.rule_activity(bigint, date) is
'What accelerometers recorded on the local day _day, as analytics.user_activity() has it; NULL: nothing was recorded, '
'or it does not show. steps: met by 8,000 or more. Source: Paluch et al., Lancet Public Health 2022, 7: e219-e228: '
'the mortality falls up to 6,000 to 8,000 steps a day from the age of 60, and up to 8,000 to 10,000 below it. '
'moderate_minutes: minutes of moderate and vigorous activity by MAD; met by a seventh of 150 min. Source: WHO '
'guidelines on physical activity and sedentary behaviour, 2020: 150 minutes a week. Only what was recorded counts: '
'with readings in fewer than 600 minutes of the day a rule may be met, but is never missed: is_met is NULL then.';
