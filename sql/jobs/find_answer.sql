-- The newest job that answers, or is about to answer, the same question about the same state:
-- of a session, or (_recording_id null) of everything the user has.
create or replace function app.find_answer(
    _user_id bigint, _task text, _arguments jsonb, _recording_id bigint, _change_no bigint
)
returns setof app.jobs
language sql
stable
begin atomic
    select j.*
    from app.jobs as j
    where j.user_id = _user_id and j.task = _task and j.arguments = _arguments
        and j.recording_id is not distinct from _recording_id and j.change_no = _change_no
        and j.status in ('queued', 'running', 'completed')
    order by j.created_at desc, j.id desc
    limit 1;
end;
