-- The increase in a state of counter_step().
create or replace function app.counter_total(_state double precision[])
returns double precision
language sql
immutable
parallel safe
begin atomic
    select _state[3];
end;
