-- Judged only if all of the food is known.
create or replace function app.rule_food_energy(_user bigint, _day date)
returns table (rule text, value double precision, threshold double precision, unit text, is_met boolean)
language sql
stable
begin atomic
    select 'food_energy', found.energy_kcal, 2000::double precision, 'kcal', found.energy_kcal <= 2000
    from (
        select case when count(*) = count(r.energy_kcal) then sum(r.energy_kcal) end as energy_kcal
        from app.list_records(_user, 'food', _day, null, null, null) as r
    ) as found;
end;

comment on function app.rule_food_energy(bigint, date) is
'Energy of the food in the diary on the local day _day, in kcal. Met: 2,000 kcal or less. NULL: no food, or a record '
'without its energy. Source of the threshold: the reference of nutrition labels (USA: 21 CFR 101.9), which is a '
'convention for all adults; the need of a person differs with age, sex, size and activity.';
