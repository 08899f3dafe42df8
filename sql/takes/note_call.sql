-- Notes how a call of a server ended. From _max_failures in a row on, nobody calls it for _pause.
create or replace function app.note_call(_name text, _is_answered boolean, _max_failures integer, _pause interval)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if _is_answered then
        update app.circuit_breakers set failures = 0, open_until = null
        where name = _name and (failures > 0 or open_until is not null);
        return;
    end if;
    insert into app.circuit_breakers as b (name, failures, open_until)
    values (_name, 1, case when _max_failures <= 1 then clock_timestamp() + _pause end)
    on conflict (name) do update
    set
        failures = b.failures + 1,
        open_until = case when b.failures + 1 >= _max_failures then clock_timestamp() + _pause end;
end
$$;
