-- Sets how many days something is kept, and adapts the jobs of the database. For the database owner.
create or replace function app.set_retention(_name text, _days integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    update app.retention set days = _days where name = _name;
    perform app.apply_retention();
end
$$;
