-- The one place that says which days of which time zone count.
create or replace function analytics.user_sessions(_user bigint, _from date default null, _to date default null)
returns setof analytics.sessions
language sql
stable
parallel safe
begin atomic
    select s.*
    from analytics.users as u
    join analytics.sessions as s on s.user_id = u.id
    cross join lateral (select (now() at time zone u.timezone)::date as date) as today
    where u.id = _user
        and s.start_time >= coalesce(_from, coalesce(_to, today.date) - 29)::timestamp at time zone u.timezone
        and s.start_time < (coalesce(_to, today.date) + 1)::timestamp at time zone u.timezone;
end;

comment on function analytics.user_sessions(bigint, date, date) is
'The sessions of a user, as in analytics.sessions, that began on the days from _from to _to, both included, in the '
'time zone of the user. _to NULL: today; _from NULL: 30 days in all.';
