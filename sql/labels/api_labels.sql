-- What PUT /api/sessions/{session_id}/labels has set, a row per label. In app, as people see it by
-- analytics.session_labels().
create or replace view app.api_labels as
select s.id as recording_id, l.label, l."from" as from_at, l."to" as to_at, l.source
from app.recording_sessions as s
cross join lateral jsonb_to_recordset(s.labels) as l (
    label text, "from" timestamptz, "to" timestamptz, source text
)
where s.deleted_at is null;
