-- Makes the sensor types that are missing, as many as the user may still make, and returns all that are there.
-- Only missing names are inserted, in order: `on conflict` alone would use up a number per name and could deadlock.
create or replace function app.register_sensor_types(
    _user_id bigint, _names text[], _value_keys text[], _limit integer
)
returns table (name text, id integer, value_key text)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into app.sensor_types (name, value_key, created_by)
    select wanted.name, wanted.value_key, _user_id
    from unnest(_names, _value_keys) as wanted (name, value_key)
    where not exists (select from app.sensor_types as known where known.name = wanted.name)
    order by wanted.name
    limit greatest(0, _limit - (select count(*) from app.sensor_types as own where own.created_by = _user_id))
    on conflict do nothing;
    return query select t.name, t.id, t.value_key from app.sensor_types as t where t.name = any(_names);
end
$$;
