-- depends: 0011.create-maintenance

-- All that the answer of a job depends on, as a digest: the same question about the same state has the same key. NULL:
-- nobody asked, or an older version of the service did, whose answers are not used again.
alter table app.jobs add column answer_key text;
drop index app.jobs_question_idx;
create index jobs_answer_key_idx on app.jobs (user_id, answer_key) where answer_key is not null;

-- When the server ended a session for want of readings; NULL: it did not, or the session is open again. It takes the
-- place of closed_by, whose only value was 'system'. When older ones were closed was not recorded: no later than this.
alter table app.recording_sessions add column closed_by_server_at timestamptz;
update app.recording_sessions set closed_by_server_at = updated_at where closed_by = 'system';
-- The functions of sql/ that read it go with it; this run of `koodtx migrate` creates them again.
alter table app.recording_sessions drop column closed_by cascade;

-- The list of sessions: by start, newest first. Nothing reads them in the order in which they arrived any more.
create index recording_sessions_start_time_idx on app.recording_sessions (user_id, start_time desc, id desc)
where deleted_at is null;
drop index app.recording_sessions_user_id_id_idx;
