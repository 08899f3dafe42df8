-- Run by the database's owner after `koodtx migrate`, which makes the role without a login.
\getenv password KOODTX_APP_PASSWORD
alter role koodtx_app login password :'password';
