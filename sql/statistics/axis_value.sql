-- Not strict and one expression, so that it is inlined into the scans that use it. By place, because numbers are
-- compared faster than names.
create or replace function analytics.axis_value(
    _place integer, _axis text,
    _magnitude double precision, _x double precision, _y double precision, _z double precision, _value double precision,
    _speed double precision, _altitude double precision, _accuracy double precision, _extra jsonb
)
returns double precision
language sql
immutable
parallel safe
begin atomic
    select case _place
        when 1 then _magnitude
        when 2 then _x
        when 3 then _y
        when 4 then _z
        when 5 then _value
        when 6 then _speed
        when 7 then _altitude
        when 8 then _accuracy
        else analytics.extra_number(_extra -> _axis)
    end;
end;

comment on function analytics.axis_value(
    integer, text, double precision, double precision, double precision, double precision, double precision,
    double precision, double precision, double precision, jsonb
) is
'Returns the value of a reading on an axis, given place and axis as in analytics.session_metrics(). NULL: the '
'reading has no value on it.';
