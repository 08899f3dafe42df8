-- How many numeric keys of extra become axes of a sensor: those that most readings have. The limit is ours: far above
-- what known apps send, and it keeps a phone that makes up keys from making a row of each. In app, as analysts need no
-- such function; those of analytics call it.
create or replace function app.extra_axis_limit()
returns integer
language sql
immutable
parallel safe
begin atomic
    select 32;
end;
