-- A time as the API writes it: ISO 8601, UTC, microseconds.
create or replace function app.iso_time(_at timestamptz)
returns text
language sql
stable
parallel safe
begin atomic
    select to_char(_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
end;
