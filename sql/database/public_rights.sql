-- Rights that PostgreSQL gives everyone in a new database, and that nobody should have who only reads: storing large
-- objects, which stay permanently and are in every backup; taking the advisory locks of migrations and of maintenance;
-- filling the disk with temporary tables. One row per right that is still given: the statement that revokes it.
-- Functions of the catalogue belong to a superuser.
create or replace function app.public_rights()
returns table (statement text)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select
        case when p.proname ~ 'advisory'
            then format('grant execute on function %s to koodtx_app; ', p.oid::regprocedure) else ''
        end
        || format('revoke execute on function %s from public', p.oid::regprocedure)
    from pg_proc as p
    cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
    where p.pronamespace = 'pg_catalog'::regnamespace and a.grantee = 0
        and (
            p.proname ~ '^pg_(try_)?advisory_(xact_)?lock'
            or p.proname in (
                'lo_creat', 'lo_create', 'lo_from_bytea', 'lo_put', 'lo_truncate', 'lo_truncate64', 'lowrite'
            )
        )
    union all
    select format('revoke temporary on database %I from public', d.datname)
    from pg_database as d
    cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as a
    where d.datname = current_database() and a.grantee = 0 and a.privilege_type = 'TEMPORARY';
end;
