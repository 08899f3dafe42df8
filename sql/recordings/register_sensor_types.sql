-- Creates the sensor types that a user lacks, as many as the user may still have, decides value keys that are not
-- decided yet, and returns those of the names that exist. _value_keys: by name; NULL: no number proposes one.
-- When there is no room, types that no session uses are renamed, so that a user never has more rows than the limit and
-- numbers are not used up. A push that has just found one of these types fails in check_sensor_types().
create or replace function app.register_sensor_types(
    _user_id bigint, _names text[], _value_keys text[], _limit integer
)
returns table (name text, id integer, value_key text)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- One after another, and not while a push of the user commits.
    perform from app.change_sequences as c where c.user_id = _user_id for update;
    update app.sensor_types as t
    set value_key = wanted.value_key
    from unnest(_names, _value_keys) as wanted (name, value_key)
    where t.user_id = _user_id and t.name = wanted.name and t.value_key is null and wanted.value_key is not null;
    insert into app.sensor_types (user_id, name, value_key)
    select _user_id, wanted.name, wanted.value_key
    from unnest(_names, _value_keys) as wanted (name, value_key)
    where not exists (select from app.sensor_types as t where t.user_id = _user_id and t.name = wanted.name)
    order by wanted.name
    limit greatest(0, _limit - (select count(*) from app.sensor_types as t where t.user_id = _user_id));
    with wanted as (
        select w.name, w.value_key, row_number() over (order by w.name) as place
        from unnest(_names, _value_keys) as w (name, value_key)
        where not exists (select from app.sensor_types as t where t.user_id = _user_id and t.name = w.name)
    ),
    unused as (
        select t.id, row_number() over (order by t.id) as place
        from app.sensor_types as t
        where t.user_id = _user_id and t.name <> all(_names) and exists (select from wanted)
            and not exists (
                select from app.recording_sessions as s
                join app.reading_changes as c on c.recording_id = s.id and c.sensor_type_id = t.id
                where s.user_id = _user_id
            )
    )
    update app.sensor_types as t
    set name = wanted.name, value_key = wanted.value_key
    from unused join wanted on wanted.place = unused.place
    where t.user_id = _user_id and t.id = unused.id;
    return query
    select t.name, t.id, t.value_key from app.sensor_types as t where t.user_id = _user_id and t.name = any(_names);
end
$$;
