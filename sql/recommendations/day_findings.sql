-- provisional
create or replace function analytics.day_findings(_user bigint, _day date)
returns table (rule text, value double precision, threshold double precision, unit text, is_met boolean)
language sql
stable
begin atomic
    select 'weekly_exercise', 30::double precision, 150::double precision, 'min', false;
end;
