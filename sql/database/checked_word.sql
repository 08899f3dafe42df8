-- Returns a word that somebody passed, or names the parameter and the words that are allowed. In app, as functions of
-- analytics call it, once per call and not per row.
create or replace function app.checked_word(_name text, _word text, _allowed text[])
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    if _word <> all (_allowed) then
        raise exception '% must be one of %', _name, array_to_string(_allowed, ', ')
            using errcode = 'invalid_parameter_value';
    end if;
    return _word;
end
$$;
