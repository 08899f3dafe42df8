-- Exports and uploads that are older than _cutoff, and those that were not written completely within a day. Takes and
-- reference audio that no row names after a day: their upload was not completed, or they were replaced.
create or replace function app.expired_objects(_cutoff timestamptz)
returns table (key text, byte_count bigint, created_at timestamptz)
language sql
stable
begin atomic
    select o.key, coalesce(o.byte_count, 0), o.created_at
    from app.stored_objects as o
    where
        o.purpose in ('export', 'upload')
        and (o.created_at < _cutoff or o.stored_at is null and o.created_at < app.now() - interval '1 day')
    union all
    select o.key, coalesce(o.byte_count, 0), o.created_at
    from app.stored_objects as o
    where
        o.purpose in ('take', 'reference') and o.created_at < app.now() - interval '1 day'
        and not exists (select from app.takes as t where t.audio_key = o.key)
        and not exists (select from app.lines as l where l.audio_key = o.key);
end;
