-- The database's clock, which retention, schedules and the run log go by. Only tests move it, as the database's owner:
-- alter database ... set koodtx.clock_offset = '1 day'.
create or replace function app.now()
returns timestamptz
language sql
volatile
begin atomic
    select clock_timestamp() + coalesce(nullif(current_setting('koodtx.clock_offset', true), ''), '0')::interval;
end;
