-- Scripts with the number of their lines.
create or replace view app.script_details as
select
    s.id, s.source_id, s.title, s.language, s.description, s.view_count,
    (select count(*) from app.lines as l where l.script_id = s.id) as line_count,
    s.created_at, s.updated_at
from app.scripts as s;
