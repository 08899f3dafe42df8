-- Returns a number that somebody passed, or raises an error with its name and its limits; that of an overflow or a
-- division by zero further on would have neither. NaN is greater than all numbers. In app, as functions of analytics
-- call it, once per call and not per row.
create or replace function app.checked_number(
    _name text, _number double precision, _low double precision, _high double precision
)
returns double precision
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    if _number < _low or _number > _high then
        raise exception '% must be between % and %', _name, _low, _high using errcode = 'invalid_parameter_value';
    end if;
    return _number;
end
$$;
