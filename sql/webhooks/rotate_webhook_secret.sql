-- Gives a webhook of a user another secret; the one before signs as well for _overlap. No row: there is none.
create or replace function app.rotate_webhook_secret(
    _user_id bigint, _webhook_id uuid, _secret bytea, _overlap interval
)
returns setof app.webhooks
language sql
volatile
begin atomic
    update app.webhooks
    set old_secret = secret, old_secret_until = clock_timestamp() + _overlap, secret = _secret
    where webhook_id = _webhook_id and user_id = _user_id
    returning webhooks.*;
end;
