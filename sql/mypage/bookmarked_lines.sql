-- A page of the lines that a user has bookmarked, the latest bookmark first; or the one line, if it is bookmarked.
create or replace function app.bookmarked_lines(
    _user_id bigint, _limit integer, _offset bigint, _line_id bigint default null
)
returns table (
    token_id bigint, script_id bigint, line_no integer, text text, actor_id bigint, actor_name text,
    start_time double precision, end_time double precision, audio_key text, audio_duration_s double precision,
    script_title text, bookmarked_at timestamptz
)
language sql
stable
begin atomic
    select
        d.token_id, d.script_id, d.line_no, d.text, d.actor_id, d.actor_name, d.start_time, d.end_time, d.audio_key,
        d.audio_duration_s, s.title, p.created_at
    from (
        select b.line_id, b.created_at
        from app.bookmarks as b
        where b.user_id = _user_id and (_line_id is null or b.line_id = _line_id)
        order by b.created_at desc, b.line_id desc
        limit _limit offset _offset
    ) as p
    join app.line_details as d on d.token_id = p.line_id
    join app.scripts as s on s.id = d.script_id
    order by p.created_at desc, p.line_id desc;
end;
