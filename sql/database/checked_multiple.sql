-- Returns a number that somebody passed, or raises an error if it is not a multiple of another one. In app, as
-- functions of analytics call it.
create or replace function app.checked_multiple(
    _name text, _number double precision, _of_name text, _of double precision
)
returns double precision
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    -- As decimals: 0.3 is a multiple of 0.1.
    if mod(_number::numeric, _of::numeric) <> 0 then
        raise exception '% must be a multiple of %', _name, _of_name using errcode = 'invalid_parameter_value';
    end if;
    return _number;
end
$$;
