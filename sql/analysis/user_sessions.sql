-- By start, so that each session is in one period only; user_statistics() counts the part within a period instead.
create or replace function analytics.user_sessions(_user bigint, _from date default null, _to date default null)
returns setof analytics.sessions
language sql
stable
parallel safe
begin atomic
    select s.*
    from analytics.user_period(_user, _from, _to) as period
    join analytics.sessions as s on s.user_id = _user
    where s.start_time >= period.from_at and s.start_time < period.until_at;
end;

comment on function analytics.user_sessions(bigint, date, date) is
'The sessions of a user, as in analytics.sessions, that began on the days from _from to _to, both included, in the '
'time zone of the user. _to NULL: today; _from NULL: 30 days in all.';
