-- Whether a server may be called, as its circuit breaker says: NULL if so, else when to look again. When the pause
-- after failures is over, one caller is admitted; the others wait for _pause, until they see how that call ended.
create or replace function app.admit_call(_name text, _pause interval)
returns timestamptz
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _open_until timestamptz;
begin
    update app.circuit_breakers set open_until = clock_timestamp() + _pause
    where name = _name and open_until <= clock_timestamp();
    if found then
        return null;
    end if;
    select b.open_until into _open_until from app.circuit_breakers as b where b.name = _name;
    return _open_until;
end
$$;
