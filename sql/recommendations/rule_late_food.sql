-- By the clock on the wall, also on days of a clock change.
create or replace function app.rule_late_food(_user bigint, _day date)
returns table (rule text, value double precision, threshold double precision, unit text, is_met boolean)
language sql
stable
begin atomic
    select 'late_food', found.hour, 21::double precision, 'h', found.hour <= 21
    from (
        select max(extract(epoch from (r.at at time zone u.timezone)::time) / 3600)::double precision as hour
        from app.users as u
        cross join lateral app.list_records(u.id, 'food', _day, null, null, null) as r
        where u.id = _user
    ) as found;
end;

comment on function app.rule_late_food(bigint, date) is
'Local time of the last food in the diary on the local day _day, in hours since midnight. Met: 21:00 or before. NULL: '
'no food. The threshold is a convention of KooDTX, without a published source.';
