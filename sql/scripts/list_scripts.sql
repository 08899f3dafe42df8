-- A page of the scripts of matching_scripts, by title.
create or replace function app.list_scripts(_text text, _language text, _limit integer, _offset bigint)
returns setof app.script_details
language sql
stable
begin atomic
    select d.*
    from (
        select m.id, m.title
        from app.matching_scripts(_text, _language) as m
        order by m.title, m.id
        limit _limit offset _offset
    ) as p
    join app.script_details as d on d.id = p.id
    order by p.title, p.id;
end;
