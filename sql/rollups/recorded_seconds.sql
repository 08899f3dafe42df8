-- How much of a minute its readings stand for. Each stands for the mean interval between them: n readings for n
-- intervals, of which n - 1 lie between the first and the last. NULL for one reading, which covers no time; least()
-- skips NULL and would give it the whole minute. In app, as analysts have analytics.sensor_distance.
create or replace function app.recorded_seconds(_readings bigint, _first_at timestamptz, _last_at timestamptz)
returns double precision
language sql
immutable
parallel safe
begin atomic
    select
        case
            when _readings > 1
                then least(60, date_part('epoch', _last_at - _first_at) * _readings / (_readings - 1))
        end;
end;
