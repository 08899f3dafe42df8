-- A page of the actors whose name contains a text, by name, with the number of their lines.
create or replace function app.list_actors(_text text, _limit integer, _offset bigint)
returns table (id bigint, name text, line_count bigint)
language sql
stable
begin atomic
    select p.id, p.name, (select count(*) from app.lines as l where l.actor_id = p.id)
    from (
        select a.id, a.name
        from app.actors as a
        where app.text_contains(a.name, _text)
        order by a.name, a.id
        limit _limit offset _offset
    ) as p
    order by p.name, p.id;
end;
