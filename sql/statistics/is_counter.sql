-- The names under which known apps and both platforms send counters that only rise until they restart: Android
-- (Sensor.TYPE_STEP_COUNTER), iOS (CMPedometerData), Sensor Logger.
create or replace function analytics.is_counter(_sensor text, _axis text)
returns boolean
language sql
immutable
parallel safe
begin atomic
    select lower(replace(case _axis when 'value' then _sensor else _axis end, '_', '')) in (
        'steps', 'stepcount', 'stepcounter', 'totalsteps', 'cumulativesteps', 'numberofsteps', 'pedometer',
        'floorsascended', 'floorsdescended', 'counter'
    );
end;

comment on function analytics.is_counter(text, text) is
'Returns whether an axis of a sensor is a counter, which rises until it restarts, by its name without underscores and '
'case: steps, step_count, step_counter, total_steps, cumulative_steps, number_of_steps, pedometer, floors_ascended, '
'floors_descended, counter. An axis called value goes by the name of the sensor. analytics.counter_increase() counts '
'any other axis.';
