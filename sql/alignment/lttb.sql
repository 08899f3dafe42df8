-- Largest triangle, three buckets (Steinarsson 2013): each point chosen depends on the one before, hence a loop.
create or replace function analytics.lttb(
    _x double precision[], _y double precision[], _points integer
)
returns integer[]
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    _count integer := coalesce(array_length(_x, 1), 0);
    _width double precision;
    _chosen integer[] := array[]::integer[];
    _last integer := 1;
    _best integer;
    _area double precision;
    _largest double precision;
    _next_x double precision;
    _next_y double precision;
begin
    if _count <> coalesce(array_length(_y, 1), 0)
        or array_position(_x, null) is not null or array_position(_y, null) is not null
    then
        return null;
    end if;
    if _points is null or _points < 3 or _points >= _count then
        return array(select generate_series(0, _count - 1));
    end if;
    _width := (_count - 2)::double precision / (_points - 2);
    _chosen := _chosen || 0;
    for _bucket in 0 .. _points - 3 loop
        -- The mean of the next bucket; behind the last one lies the last point alone. Arrays begin at 1.
        select avg(_x[i]), avg(_y[i]) into _next_x, _next_y
        from generate_series(
            least(floor((_bucket + 1) * _width)::integer + 2, _count),
            least(floor((_bucket + 2) * _width)::integer + 1, _count)
        ) as i;
        _largest := -1;
        for _index in floor(_bucket * _width)::integer + 1 .. floor((_bucket + 1) * _width)::integer loop
            _area := abs(
                (_x[_last] - _next_x) * (_y[_index + 1] - _y[_last]) - (_x[_last] - _x[_index + 1]) * (_next_y - _y[_last])
            );
            if _area > _largest then
                _largest := _area;
                _best := _index;
            end if;
        end loop;
        _chosen := _chosen || _best;
        _last := _best + 1;
    end loop;
    return _chosen || (_count - 1);
end
$$;

comment on function analytics.lttb(double precision[], double precision[], integer) is
'Which points to draw of a line of many: the indexes, from 0, of _points of the points (_x, _y), in order. The first '
'and the last are among them; of each of the equal parts between them, the point that forms the largest triangle with '
'the point chosen before and the mean of the next part, the first on a tie (Steinarsson 2013, '
'hdl.handle.net/1946/15343). All indexes if there are not more points, or if _points is below 3. NULL: _x and _y '
'differ in length or have a NULL. A pass over the points, whatever _points is.';
