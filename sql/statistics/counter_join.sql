-- Two states of counter_step(), of which the second is of later values.
create or replace function app.counter_join(_earlier double precision[], _later double precision[])
returns double precision[]
language sql
immutable
parallel safe
begin atomic
    select case
        when _earlier is null or _later is null then coalesce(_earlier, _later)
        else array[_earlier[1], _later[2], (app.counter_step(_earlier, _later[1]))[3] + _later[3]]
    end;
end;
