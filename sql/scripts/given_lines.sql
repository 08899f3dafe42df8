-- Lines as put_lines takes them.
create or replace function app.given_lines(_lines jsonb)
returns table (
    line_no integer, id bigint, actor text, line text, start_s double precision, end_s double precision,
    audio_key text, audio_duration_s double precision, audio_sample_rate_hz integer
)
language sql
immutable
begin atomic
    select
        g.place::integer, n.id, n.actor, n.text, n.start_s, n.end_s, n.audio_key, n.audio_duration_s,
        n.audio_sample_rate_hz
    from jsonb_array_elements(_lines) with ordinality as g (line, place)
    cross join lateral jsonb_to_record(g.line) as n (
        id bigint, actor text, text text, start_s double precision, end_s double precision, audio_key text,
        audio_duration_s double precision, audio_sample_rate_hz integer
    );
end;
