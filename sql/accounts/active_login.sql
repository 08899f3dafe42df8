-- The user, role and device of an active login; no row if it, its device or its user was revoked.
create or replace function app.active_login(_login_id uuid)
returns table (user_id bigint, role text, device_key bigint)
language sql
stable
parallel safe
begin atomic
    select u.id, u.role, d.id
    from app.logins as l
    join app.users as u on u.id = l.user_id
    join app.devices as d on d.id = l.device_key
    where l.id = _login_id and l.revoked_at is null and d.revoked_at is null and u.is_active;
end;
