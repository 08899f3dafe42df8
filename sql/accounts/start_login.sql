-- Starts a login on a device, which is created, or restored if it was revoked.
-- Also deletes the user's logins whose tokens have all expired.
create or replace function app.start_login(
    _user_id bigint,
    _device_id text,
    _token_hash bytea,
    _lifetime interval
)
returns table (user_id bigint, device_key bigint, login_id uuid)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from app.logins as f
    where
        f.user_id = _user_id
        and not exists (
            select from app.refresh_tokens as t where t.login_id = f.id and t.expires_at > clock_timestamp()
        );
    insert into app.devices as d (user_id, device_id) values (_user_id, _device_id)
    on conflict on constraint devices_user_id_device_id_key do update set revoked_at = null
    returning d.id into start_login.device_key;
    insert into app.logins as f (user_id, device_key) values (_user_id, start_login.device_key)
    returning f.id into start_login.login_id;
    insert into app.refresh_tokens (token_hash, login_id, generation, expires_at)
    values (_token_hash, start_login.login_id, 1, clock_timestamp() + _lifetime);
    start_login.user_id := _user_id;
    return next;
end
$$;
