-- Times inside JSON do not depend on the caller's time zone. In analytics, because functions that analysts call use it.
create or replace function analytics.iso_time(_at timestamptz)
returns text
language sql
stable
parallel safe
begin atomic
    select to_char(_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
end;

comment on function analytics.iso_time(timestamptz) is
'A time as the JSON of these functions and the API write it: ISO 8601, UTC, microseconds. NULL for NULL.';
