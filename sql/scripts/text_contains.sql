-- Whether a text contains another one, in upper or lower case; NULL is contained in each. Letters that are not English
-- have two cases only where the database's locale knows them.
create or replace function app.text_contains(_text text, _part text)
returns boolean
language sql
stable
parallel safe
begin atomic
    select _part is null or position(lower(_part) in lower(_text)) > 0;
end;
