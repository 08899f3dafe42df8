-- In app, as analysts have session_percentiles() and user_percentiles(), which call it.
create or replace function app.sketch_count(_sketch jsonb)
returns bigint
language sql
immutable
parallel safe
begin atomic
    select sum(e.value::bigint)::bigint from jsonb_each_text(_sketch) as e;
end;
