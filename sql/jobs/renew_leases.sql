-- Renews the leases of a worker's running attempts; returns those that are still its own.
create or replace function app.renew_leases(_ids uuid[], _attempts integer[], _lease interval)
returns setof uuid
language sql
volatile
begin atomic
    update app.jobs as j
    set lease_until = clock_timestamp() + _lease
    from unnest(_ids, _attempts) as own (id, attempt)
    where j.id = own.id and j.attempt = own.attempt and j.status = 'running'
    returning j.id;
end;
