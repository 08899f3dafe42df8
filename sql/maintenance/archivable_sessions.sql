-- Sessions with stored readings that nobody has ended or pushed to since _cutoff, by the server's clock: a recording of
-- years ago that was pushed today is new. Ended and uploaded ones only, unless _is_any.
create or replace function app.archivable_sessions(_cutoff timestamptz, _is_any boolean)
returns table (id bigint, readings bigint)
language sql
stable
begin atomic
    select s.id, s.data_count - s.archived_count
    from app.recording_sessions as s
    where s.deleted_at is null and s.data_count > s.archived_count
        and greatest(s.end_time, s.last_push_at) < _cutoff
        and (_is_any or (s.end_time is not null and s.is_uploaded));
end;
