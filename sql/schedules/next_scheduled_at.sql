-- The next time of a schedule after _now, by the rules of latest_scheduled_at().
create or replace function app.next_scheduled_at(
    _frequency text, _hour integer, _minute integer, _timezone text, _now timestamptz
)
returns timestamptz
language sql
stable
begin atomic
    with today as (
        select analytics.local_day(_now, _timezone) as day
    ),

    -- Today's may have passed, and a zone may leave a day out.
    days as (
        select
            case _frequency
                when 'daily' then today.day + ahead
                when 'weekly' then today.day - extract(dow from today.day)::integer + 7 * ahead
                when 'monthly' then (date_trunc('month', today.day) + make_interval(months => ahead))::date
            end as day
        from today cross join generate_series(-1, 2) as ahead
    ),

    times as (
        select app.local_instant(days.day + make_time(_hour, _minute, 0), _timezone) as scheduled_at from days
        where _frequency <> 'hourly'
        union all
        select date_trunc('hour', _now, 'UTC') + make_interval(mins => _minute, hours => ahead)
        from generate_series(0, 1) as ahead
        where _frequency = 'hourly'
    )
    select min(times.scheduled_at) from times where times.scheduled_at > _now;
end;
