-- What an analyst sees of app.users: nothing that identifies a person.
create or replace view analytics.users as
select u.id, u.timezone, u.created_at from app.users as u;

comment on view analytics.users is
'One row per user, without name and e-mail. id: the argument of the functions per user. timezone: IANA name of the '
'time zone in which the days of user_period() and all functions per user begin. created_at: when the account was '
'created.';
