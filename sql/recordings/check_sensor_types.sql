-- Raises if a sensor type under which a push has written readings was given to another name by register_sensor_types()
-- meanwhile, because no session used it: the same push succeeds when it is sent again. The caller has locked the change
-- sequence, so nothing changes until it commits. _used: {id, name, value_key} each.
create or replace function app.check_sensor_types(_user_id bigint, _used jsonb)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        select from jsonb_to_recordset(_used) as u (id integer, name text, value_key text)
        where not exists (
            select from app.sensor_types as t
            where t.user_id = _user_id and t.id = u.id and t.name = u.name
                -- A value key that was decided meanwhile: what was written before has no number that belongs to it.
                and (u.value_key is null or t.value_key = u.value_key)
        )
    ) then
        raise exception 'a sensor type was given to another name' using errcode = 'serialization_failure';
    end if;
end
$$;
