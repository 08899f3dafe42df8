-- Uses a refresh token: once, and again until its successor was used (a retry after a lost reply), however late.
-- A token whose successor was used, or an older one, means that somebody else has it too: its login is revoked.
-- outcome: rotated, retried, reused, revoked, expired, unknown. successor_hash: of the token that is next; after a
-- change of keys a retry needs the one that was stored.
create or replace function app.rotate_refresh_token(
    _token_hash bytea,
    _successor_hash bytea,
    _lifetime interval
)
returns table (outcome text, user_id bigint, device_key bigint, login_id uuid, successor_hash bytea)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _token app.refresh_tokens;
    _login app.logins;
    _newest app.refresh_tokens;
begin
    select f.* into _login
    from app.logins as f join app.refresh_tokens as t on t.login_id = f.id
    where t.token_hash = _token_hash
    for update of f;
    if not found then
        return query select 'unknown', null::bigint, null::bigint, null::uuid, null::bytea;
        return;
    end if;
    select t.* into _token from app.refresh_tokens as t where t.token_hash = _token_hash;
    select t.* into _newest from app.refresh_tokens as t
    where t.login_id = _login.id order by t.generation desc limit 1;

    if _login.revoked_at is not null or not exists (
        select from app.users as u where u.id = _login.user_id and u.is_active
    ) then
        outcome := 'revoked';
    elsif _token.generation >= _newest.generation - 1 and _newest.expires_at <= clock_timestamp() then
        outcome := 'expired';
    elsif _token.used_at is null then
        update app.refresh_tokens as t set used_at = clock_timestamp() where t.token_hash = _token_hash;
        insert into app.refresh_tokens (token_hash, login_id, generation, expires_at)
        values (_successor_hash, _login.id, _token.generation + 1, clock_timestamp() + _lifetime);
        delete from app.refresh_tokens as t where t.login_id = _login.id and t.expires_at <= clock_timestamp();
        outcome := 'rotated';
        successor_hash := _successor_hash;
    elsif _token.generation = _newest.generation - 1 then
        outcome := 'retried';
        successor_hash := _newest.token_hash;
    else
        update app.logins as f set revoked_at = clock_timestamp() where f.id = _login.id;
        outcome := 'reused';
    end if;
    return query select outcome, _login.user_id, _login.device_key, _login.id, successor_hash;
end
$$;
