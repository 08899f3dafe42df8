-- depends:

-- app is private to the service; analytics is what analysts see. Nothing lives in public.
create schema if not exists app;
create schema if not exists analytics;

-- Roles belong to the whole server: another database of it may have made them already, even just now.
do $$
declare
    _role text;
begin
    foreach _role in array array['koodtx_app', 'koodtx_analyst'] loop
        if not exists (select from pg_catalog.pg_roles where rolname = _role) then
            begin
                execute format('create role %I nologin', _role);
            exception when duplicate_object or unique_violation then
                null;
            end;
        end if;
    end loop;
end
$$;
