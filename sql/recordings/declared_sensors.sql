-- The one place that reads the notations of enabled_sensors: a list of names, or an object of names and booleans.
create or replace function analytics.declared_sensors(_recording bigint)
returns table (sensor text)
language sql
stable
parallel safe
begin atomic
    select distinct on (lower(named.sensor)) named.sensor
    from analytics.sessions as s
    cross join lateral (
        select e.value #>> '{}' as sensor
        from jsonb_array_elements(
            case when jsonb_typeof(s.enabled_sensors) = 'array' then s.enabled_sensors end
        ) as e
        where jsonb_typeof(e.value) = 'string'
        union
        select e.key
        from jsonb_each(case when jsonb_typeof(s.enabled_sensors) = 'object' then s.enabled_sensors end) as e
        where e.value = 'true'
    ) as named
    where s.recording_id = _recording and named.sensor <> ''
    order by lower(named.sensor), named.sensor collate "C";
end;

comment on function analytics.declared_sensors(bigint) is
'The sensors that the app enabled for a recording, one row per name, whether enabled_sensors is a list of names or an '
'object of names and booleans, of which those that are true count. sensor: name, as the app wrote it; of names that '
'differ by case only, one. No rows: it did not say.';
