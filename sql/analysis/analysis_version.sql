-- The version of the SQL that answers are computed by: a digest that changes whenever a function or a view of analytics
-- or app is created or replaced, by a deployment or by hand. Read from the catalogue, which keeps the transaction that
-- last wrote each of them (a millisecond; their texts would take ten), so that no version comes a second time. And of
-- the setting that distances depend on.
create or replace function app.analysis_version()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select
        encode(
            sha256(convert_to(
                concat(app.max_speed_m_s(), ' ', string_agg(made.row_version, ',' order by made.row_version)), 'UTF8'
            )),
            'hex'
        )
    from (
        select concat_ws('.', 'function', p.oid, p.xmin) as row_version
        from pg_catalog.pg_proc as p
        where p.pronamespace in (
            select n.oid from pg_catalog.pg_namespace as n where n.nspname in ('app', 'analytics')
        )
        union all
        select concat_ws('.', 'view', r.oid, r.xmin)
        from pg_catalog.pg_rewrite as r
        join pg_catalog.pg_class as c on c.oid = r.ev_class and c.relkind = 'v'
        where c.relnamespace in (select n.oid from pg_catalog.pg_namespace as n where n.nspname in ('app', 'analytics'))
    ) as made;
end;
