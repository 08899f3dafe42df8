-- Of logins those that are active, with their user and the newest change number of the user's data.
-- One query for all listeners of a process: it ends what was revoked and finds what has changed.
create or replace function app.watched_users(_logins uuid[])
returns table (login_id uuid, user_id bigint, change_no bigint)
language sql
stable
begin atomic
    select watched.login_id, login.user_id, c.change_no
    from unnest(_logins) as watched (login_id)
    cross join lateral app.active_login(watched.login_id) as login
    join app.change_sequences as c on c.user_id = login.user_id;
end;
