-- The database owner runs this after `koodtx migrate`, which creates the role without a login.
-- A statement with a password must not be in the server's log, even if it fails.
set log_statement = 'none';
set log_min_error_statement = 'panic';
set log_min_duration_statement = -1;
\getenv password KOODTX_APP_PASSWORD
alter role koodtx_app login password :'password';
