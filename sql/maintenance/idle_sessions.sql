-- Sessions with stored readings that nobody has ended or pushed to since _cutoff, by the server's clock: a recording of
-- years ago that was pushed today is not idle. is_complete: ended and uploaded; the clean-up archives only such ones,
-- the ceiling all.
create or replace function app.idle_sessions(_cutoff timestamptz)
returns table (id bigint, readings bigint, is_complete boolean)
language sql
stable
begin atomic
    select s.id, s.data_count - s.archived_count as readings, s.end_time is not null and s.is_uploaded as is_complete
    from app.recording_sessions as s
    where s.deleted_at is null and s.data_count > s.archived_count
        and greatest(s.end_time, s.last_push_at) < _cutoff;
end;
