-- Scripts whose title, description or one of whose lines contains a text, in a language or a variant of it (ko: also
-- ko-KR). NULL: any.
create or replace function app.matching_scripts(_text text, _language text)
returns setof app.scripts
language sql
stable
begin atomic
    select s.*
    from app.scripts as s
    where (
        app.text_contains(s.title, _text) or app.text_contains(s.description, _text)
        or exists (select from app.lines as l where l.script_id = s.id and app.text_contains(l.text, _text))
    )
    and (_language is null or starts_with(lower(s.language) || '-', lower(_language) || '-'));
end;
