-- Whether the caller may vacuum a table: its owner may, and from PostgreSQL 17 on roles with the privilege maintain.
create or replace function app.may_vacuum(_table regclass)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if (select pg_has_role(c.relowner, 'usage') from pg_class as c where c.oid = _table) then
        return true;
    end if;
    -- Older versions do not know the privilege.
    return current_setting('server_version_num')::integer >= 170000 and has_table_privilege(_table, 'maintain');
end
$$;
