-- The stays of a user's track, in arrays, that reach into the time from _from_at to _until_at, each with its place.
-- Places are numbered in the order of time; the centre of a place is that of its first stay.
create or replace function app.placed_stays(
    _micros bigint[], _latitude double precision[], _longitude double precision[], _legs int4multirange,
    _place_m double precision, _from_at timestamptz, _until_at timestamptz
)
returns table (
    from_at timestamptz, to_at timestamptz, fixes integer, latitude double precision, longitude double precision,
    place integer, place_latitude double precision, place_longitude double precision
)
language sql
stable
parallel safe
begin atomic
    with stays as materialized (
        select s.*, row_number() over (order by s.from_at)::integer as n
        from app.track_stays(_micros, _latitude, _longitude, _legs) as s
        where s.to_at > _from_at and s.from_at < _until_at
    ),
    chosen as (
        select app.places(
            array_agg(s.latitude order by s.n), array_agg(s.longitude order by s.n), _place_m
        ) as first_stays
        from stays as s
    )
    select
        s.from_at, s.to_at, s.fixes, s.latitude, s.longitude, dense_rank() over (order by f.n)::integer as place,
        f.latitude as place_latitude, f.longitude as place_longitude
    from stays as s
    cross join chosen
    join stays as f on f.n = chosen.first_stays[s.n]
    order by s.n;
end;
