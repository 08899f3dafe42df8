-- Adds to the counts of a run, in the transaction that did the work. _recording_id: the last session processed, if any.
create or replace function app.advance_run(
    _id bigint, _rows bigint, _bytes bigint, _sessions bigint default 0, _recording_id bigint default 0
)
returns void
language sql
volatile
begin atomic
    update app.maintenance_runs
    set
        rows_freed = rows_freed + _rows, bytes_freed = bytes_freed + _bytes,
        session_count = session_count + _sessions, resume_after = greatest(resume_after, _recording_id)
    where id = _id;
end;
