-- What an analyst sees of app.users: nothing that names a person.
create or replace view analytics.users as
select u.id, u.timezone, u.created_at from app.users as u;

comment on view analytics.users is
'A row a user, without name and e-mail. id: what the functions by user take. timezone: in which the days of '
'user_sessions() and user_statistics() begin. created_at: when the account was made.';
