-- Deletes a script with its lines and their bookmarks, unless users have takes of them. Returns the number of these
-- takes; NULL: there is no such script. The clean-up removes the files of reference audio.
create or replace function app.delete_script(_script_id bigint)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _takes bigint;
begin
    perform from app.scripts as s where s.id = _script_id for update;
    if not found then
        return null;
    end if;
    -- No take is added meanwhile.
    perform from app.lines as l where l.script_id = _script_id order by l.id for update;
    select count(*) into _takes
    from app.takes as t
    join app.lines as l on l.id = t.line_id
    where l.script_id = _script_id;
    if _takes = 0 then
        delete from app.scripts where id = _script_id;
    end if;
    return _takes;
end
$$;
