-- Who calls by a log-in; no row when it, its device or its user may no longer do anything.
create or replace function app.active_login(_login_id uuid)
returns table (user_id bigint, role text, device_key bigint)
language sql
stable
parallel safe
begin atomic
    select u.id, u.role, d.id
    from app.logins as f
    join app.users as u on u.id = f.user_id
    join app.devices as d on d.id = f.device_key
    where f.id = _login_id and f.revoked_at is null and d.revoked_at is null and u.is_active;
end;
