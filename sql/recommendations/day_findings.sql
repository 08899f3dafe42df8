-- All rules, the most important one first: the one place that lists them.
create or replace function app.day_findings(_user bigint, _day date)
returns table (rule text, value double precision, threshold double precision, unit text, is_met boolean)
language sql
stable
begin atomic
    select f.rule, f.value, f.threshold, f.unit, f.is_met
    from (
        select 1 as importance, e.* from app.rule_weekly_exercise(_user, _day) as e
        union all
        select case a.rule when 'steps' then 2 else 3 end, a.* from app.rule_activity(_user, _day) as a
        union all
        select 4, n.* from app.rule_food_energy(_user, _day) as n
        union all
        select 5, l.* from app.rule_late_food(_user, _day) as l
    ) as f
    order by f.importance;
end;
