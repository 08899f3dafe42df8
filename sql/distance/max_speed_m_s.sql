-- The database's setting, which distances of readings, archived minutes and users share:
-- alter database ... set koodtx.max_speed_m_s = '300'. What is not a number counts as not set. In app, as analysts give
-- the functions a limit of their own.
create or replace function app.max_speed_m_s()
returns double precision
language sql
stable
parallel safe
begin atomic
    select coalesce(
        substring(current_setting('koodtx.max_speed_m_s', true) from '^\s*(\d+(?:\.\d+)?)\s*$')::double precision, 100
    );
end;
