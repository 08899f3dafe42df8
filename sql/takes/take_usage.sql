-- How many takes a user has, and the bytes of their recordings.
create or replace function app.take_usage(_user_id bigint)
returns table (take_count bigint, byte_count bigint)
language sql
stable
begin atomic
    select count(*), coalesce(sum(o.byte_count), 0)::bigint
    from app.takes as t
    join app.stored_objects as o on o.key = t.audio_key
    where t.user_id = _user_id;
end;
