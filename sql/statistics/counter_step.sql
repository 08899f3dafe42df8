-- The next value of a counter. The state is {first, last, increase}. A value below the one before means that the
-- counter restarted at 0: a phone that was switched off and on.
create or replace function app.counter_step(_state double precision[], _value double precision)
returns double precision[]
language sql
immutable
parallel safe
begin atomic
    select case
        when _value is null then _state
        when _state is null then array[_value, _value, 0]
        else array[
            _state[1], _value,
            _state[3] + case when _value >= _state[2] then _value - _state[2] else greatest(_value, 0) end
        ]
    end;
end;
