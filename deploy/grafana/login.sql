-- The database owner runs this after `koodtx migrate`. It creates Grafana's login, with the privileges of analysts.
-- A statement with a password must not be in the server's log, even if it fails.
set log_statement = 'none';
set log_min_error_statement = 'panic';
set log_min_duration_statement = -1;
\set admin_password ''
\set database_password ''
\getenv admin_password GRAFANA_PASSWORD
\getenv database_password GRAFANA_DATABASE_PASSWORD
select :'admin_password' = '' or :'database_password' = '' as is_missing \gset
\if :is_missing
    do $$ begin raise exception 'set GRAFANA_PASSWORD and GRAFANA_DATABASE_PASSWORD in .env'; end $$;
\endif
select not exists (select from pg_roles where rolname = 'koodtx_grafana') as is_new \gset
\if :is_new
    create role koodtx_grafana in role koodtx_analyst;
\endif
alter role koodtx_grafana login password :'database_password';
alter role koodtx_grafana set statement_timeout = '60s';
