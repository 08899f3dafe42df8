-- Creates or replaces records of a user, in the order of the list, then deletes others; the last to arrive wins, a
-- deleted record stays deleted. Returns the ids in _records that are deleted. What is equal to what is stored changes
-- nothing. The change sequence is locked first, as nothing but records of this user is locked beside it.
create or replace function app.put_records(_user_id bigint, _records jsonb, _deleted uuid[])
returns setof uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _item jsonb;
    _id uuid;
    _old app.diary_records;
    _new app.diary_records;
    _changed uuid[] := '{}';
    _now record;
begin
    perform from app.change_sequences as c where c.user_id = _user_id for update;
    for _item in select e.value from jsonb_array_elements(_records) with ordinality as e order by e.ordinality loop
        _new := jsonb_populate_record(null::app.diary_records, _item);
        _new.user_id := _user_id;
        select * into _old from app.diary_records as r where r.user_id = _user_id and r.record_id = _new.record_id;
        if _old.deleted_at is not null then
            return next _new.record_id;
            continue;
        end if;
        _new.created_at := coalesce(_old.created_at, clock_timestamp());
        _new.updated_at := coalesce(_old.updated_at, _new.created_at);
        if _new is distinct from _old then
            delete from app.diary_records as r where r.user_id = _user_id and r.record_id = _new.record_id;
            insert into app.diary_records values (_new.*);
            _changed := _changed || _new.record_id;
        end if;
    end loop;
    foreach _id in array _deleted loop
        insert into app.diary_records as r (user_id, record_id, created_at, updated_at, deleted_at)
        values (_user_id, _id, clock_timestamp(), clock_timestamp(), clock_timestamp())
        on conflict (user_id, record_id) do update
        set
            record_type = null, at = null, what = null, energy_kcal = null, tags = null, activity = null,
            minutes = null, session_id = null, deleted_at = excluded.deleted_at
        where r.deleted_at is null;
        if found then
            _changed := _changed || _id;
        end if;
    end loop;
    if cardinality(_changed) > 0 then
        select * into _now from app.next_change(_user_id, 0);
        update app.diary_records set updated_at = _now.changed_at
        where user_id = _user_id and record_id = any(_changed);
        insert into app.changes as c (user_id, entity, entity_id, change_no, changed_at)
        select _user_id, 'record', u.id, _now.change_no, _now.changed_at
        from (select distinct unnest(_changed) as id) as u
        on conflict (user_id, entity, entity_id) do update
        set change_no = excluded.change_no, changed_at = excluded.changed_at;
    end if;
end
$$;
