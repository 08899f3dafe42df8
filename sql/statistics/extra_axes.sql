-- The one place that says which keys of extra count, for metrics and charts alike.
create or replace function analytics.extra_axes(_extra jsonb, _value_key text)
returns table (axis text, number double precision)
language sql
immutable
parallel safe
begin atomic
    select e.key, n.number
    from jsonb_each(_extra) as e
    cross join lateral (select analytics.extra_number(e.value) as number) as n
    -- Under the name of a column stands here what the column could not hold.
    where n.number is not null and e.key is distinct from _value_key and e.key not in (
        'x', 'y', 'z', 'magnitude', 'latitude', 'longitude', 'altitude', 'accuracy', 'speed', 'bearing'
    );
end;

comment on function analytics.extra_axes(jsonb, text) is
'Returns the numeric keys of extra that are axes of their own: not the names of columns nor _value_key, because what '
'stands under these in extra is excluded from statistics, such as a latitude of 91.';
