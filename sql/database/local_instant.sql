-- The instant at which clocks of a time zone show a local time. One that does not exist is the first instant after the
-- gap, one that exists twice is the first of the two. (`at time zone` takes other instants in both cases.)
create or replace function app.local_instant(_local timestamp, _timezone text)
returns timestamptz
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    _near timestamptz := _local at time zone 'UTC';
    _instant timestamptz;
    _before timestamptz;
    _between timestamptz;
begin
    if not isfinite(_local) then
        return _local at time zone _timezone;
    end if;
    -- Whatever offset the zone has within a day of it may be the one.
    with offsets as (
        select distinct (probe at time zone _timezone) - (probe at time zone 'UTC') as utc_offset
        from generate_series(_near - interval '1 day', _near + interval '1 day', interval '4 hours') as probe
    )
    select
        min(_near - o.utc_offset) filter (where (_near - o.utc_offset) at time zone _timezone = _local),
        min(_near - o.utc_offset)
    into _instant, _before
    from offsets as o;
    if _instant is not null then
        return _instant;
    end if;
    -- A gap: before it clocks show less, after it more. Halved until a second is left.
    select max(probe) into _instant
    from generate_series(_before, _before + interval '1 day', interval '1 hour') as probe
    where probe at time zone _timezone < _local;
    _before := _instant;
    _instant := _before + interval '1 hour';
    while _instant - _before > interval '1 second' loop
        _between := date_trunc('second', _before + (_instant - _before) / 2);
        if _between at time zone _timezone < _local then
            _before := _between;
        else
            _instant := _between;
        end if;
    end loop;
    return _instant;
end
$$;
