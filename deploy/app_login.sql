-- The database owner runs this after `koodtx migrate`, which creates the role without a login.
\getenv password KOODTX_APP_PASSWORD
alter role koodtx_app login password :'password';
