-- The beginnings of the hours or days (_width: hour, day) of user_period(), in order. Each hour of a time zone contains
-- a quarter of an hour. In app, as analysts have user_percentiles(), which calls it.
create or replace function app.user_buckets(_user bigint, _from date, _to date, _timezone text, _width text)
returns table (timezone text, from_at timestamptz, until_at timestamptz, begins timestamptz[])
language sql
stable
parallel safe
begin atomic
    select
        period.timezone, period.from_at, period.until_at,
        case _width
            when 'day' then (
                select array_agg(d.from_at order by d.from_at)
                from analytics.user_days(_user, _from, _to, _timezone) as d
            )
            when 'hour' then (
                select array_agg(distinct hour.at order by hour.at)
                from generate_series(
                    period.from_at, period.until_at - interval '1 microsecond', interval '15 minutes'
                ) as quarter (at)
                cross join lateral (select app.local_hour_start(quarter.at, period.timezone) as at) as hour
            )
        end as begins
    from analytics.user_period(_user, _from, _to, _timezone) as period
    where app.checked_word('_width', _width, array['hour', 'day']) is not null
    -- Computed once, as the period is.
    offset 0;  -- noqa: AM09
end;
