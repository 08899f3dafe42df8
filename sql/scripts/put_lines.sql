-- Replaces the lines of a script, whose row the caller has locked. _lines, in their order: text; and if known id (of
-- the line that it was before), actor (a name), start_s, end_s, and audio_key with audio_duration_s and
-- audio_sample_rate_hz (without them the line keeps its audio). Lines that are not given are deleted with their
-- bookmarks. If users have takes of such lines, nothing changes. Returns the number of these takes.
create or replace function app.put_lines(_script_id bigint, _lines jsonb)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    -- More than a script has: numbers that are free while lines change places.
    _aside constant integer := 1000000;
    _takes bigint;
begin
    -- No take is added meanwhile.
    perform from app.lines as l where l.script_id = _script_id order by l.id for update;
    select count(*) into _takes
    from app.takes as t
    join app.lines as l on l.id = t.line_id
    where l.script_id = _script_id
        and not exists (select from app.given_lines(_lines) as g where g.id = l.id);
    if _takes > 0 then
        return _takes;
    end if;
    -- An update without a change locks them, too: they are there until the end.
    insert into app.actors as a (name)
    select distinct g.actor from app.given_lines(_lines) as g where g.actor is not null order by g.actor
    on conflict (name) do update set name = a.name;
    delete from app.lines as l
    where l.script_id = _script_id and not exists (select from app.given_lines(_lines) as g where g.id = l.id);
    update app.lines as l set line_no = l.line_no + _aside where l.script_id = _script_id;
    update app.lines as l
    set
        line_no = g.line_no, actor_id = a.id, text = g.line, start_s = g.start_s, end_s = g.end_s,
        audio_key = coalesce(g.audio_key, l.audio_key),
        audio_duration_s = coalesce(g.audio_duration_s, l.audio_duration_s),
        audio_sample_rate_hz = coalesce(g.audio_sample_rate_hz, l.audio_sample_rate_hz)
    from app.given_lines(_lines) as g
    left join app.actors as a on a.name = g.actor
    where l.id = g.id and l.script_id = _script_id;
    insert into app.lines (
        script_id, line_no, actor_id, text, start_s, end_s, audio_key, audio_duration_s, audio_sample_rate_hz
    )
    select
        _script_id, g.line_no, a.id, g.line, g.start_s, g.end_s, g.audio_key, g.audio_duration_s,
        g.audio_sample_rate_hz
    from app.given_lines(_lines) as g
    left join app.actors as a on a.name = g.actor
    where g.id is null
    order by g.line_no;
    update app.scripts set updated_at = clock_timestamp() where id = _script_id;
    return 0;
end
$$;
