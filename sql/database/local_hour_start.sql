-- In app, as analysts have user_rollups(), which calls it. An hour that clocks leave early or enter late (Lord Howe
-- changes by half an hour) begins at the change.
create or replace function app.local_hour_start(_at timestamptz, _timezone text)
returns timestamptz
language sql
stable
parallel safe
begin atomic
    select case
        when (hour.at at time zone _timezone) - (_at at time zone _timezone) = hour.at - _at then hour.at
        else (
            select min(probe)
            from generate_series(hour.at, _at, interval '1 minute') as probe
            where (probe at time zone _timezone) - (_at at time zone _timezone) = probe - _at
        )
    end
    from (
        select _at - ((_at at time zone _timezone) - date_trunc('hour', _at at time zone _timezone)) as at
    ) as hour;
end;
