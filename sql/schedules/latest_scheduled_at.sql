-- The latest time of a schedule that has come at _now: daily, weekly (Sunday) or monthly (the first) at a local time,
-- or hourly, at a minute of each hour of UTC.
create or replace function app.latest_scheduled_at(
    _frequency text, _hour integer, _minute integer, _timezone text, _now timestamptz
)
returns timestamptz
language sql
stable
begin atomic
    with today as (
        select analytics.local_day(_now, _timezone) as day
    ),

    -- Today's may not have come yet, and a zone may leave a day out.
    days as (
        select
            case _frequency
                when 'daily' then today.day - back
                when 'weekly' then today.day - extract(dow from today.day)::integer - 7 * back
                when 'monthly' then (date_trunc('month', today.day) - make_interval(months => back))::date
            end as day
        from today cross join generate_series(0, 2) as back
    ),

    times as (
        select app.local_instant(days.day + make_time(_hour, _minute, 0), _timezone) as scheduled_at from days
        where _frequency <> 'hourly'
        union all
        select date_trunc('hour', _now, 'UTC') + make_interval(mins => _minute, hours => -back)
        from generate_series(0, 1) as back
        where _frequency = 'hourly'
    )
    select max(times.scheduled_at) from times where times.scheduled_at <= _now;
end;
