-- The database's setting, which distances of readings, archived minutes and users share:
-- alter database ... set koodtx.max_speed_m_s = '300'. In app, as analysts give the functions a limit of their own.
create or replace function app.max_speed_m_s()
returns double precision
language sql
stable
parallel safe
begin atomic
    select coalesce(nullif(current_setting('koodtx.max_speed_m_s', true), '')::double precision, 100);
end;
