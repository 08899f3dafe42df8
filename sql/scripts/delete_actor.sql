-- Deletes an actor, unless lines are theirs. Returns the number of these lines; NULL: there is no such actor.
create or replace function app.delete_actor(_actor_id bigint)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _lines bigint;
begin
    perform from app.actors as a where a.id = _actor_id for update;
    if not found then
        return null;
    end if;
    select count(*) into _lines from app.lines as l where l.actor_id = _actor_id;
    if _lines = 0 then
        delete from app.actors where id = _actor_id;
    end if;
    return _lines;
end
$$;
