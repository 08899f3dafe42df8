-- Lines of scripts as the API shows them, where a line is a token.
create or replace view app.line_details as
select
    l.id as token_id, l.script_id, l.line_no, l.text, l.actor_id, a.name as actor_name, l.start_s as start_time,
    l.end_s as end_time, l.audio_key, l.audio_duration_s
from app.lines as l
left join app.actors as a on a.id = l.actor_id;
