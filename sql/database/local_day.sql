-- Agrees with local_day_bounds(), at the price of two conversions: only within a day after clocks were set can they
-- show a date that has already ended.
create or replace function analytics.local_day(_at timestamptz, _timezone text default 'UTC')
returns date
language sql
stable
parallel safe
begin atomic
    select case
        when (_at at time zone _timezone) - ((_at - interval '24 hours') at time zone _timezone) = interval '24 hours'
            then (_at at time zone _timezone)::date
        when _at < app.local_instant(((_at at time zone _timezone)::date + 1)::timestamp, _timezone)
            then (_at at time zone _timezone)::date
        else (_at at time zone _timezone)::date + 1
    end;
end;

comment on function analytics.local_day(timestamptz, text) is
'Returns the day of a time zone (IANA name) in which an instant lies, as by local_day_bounds(): the date that clocks '
'show, except when they were set back from a day to the one before, which had ended.';
