-- A page of the records of a user that changed after a place in the change log, deleted ones as well. In the order of
-- the log, which is that of the commits, so that a record that changes meanwhile comes later.
create or replace function app.record_changes(_user_id bigint, _change_no bigint, _after uuid, _limit integer)
returns table (
    record_id uuid, record_type text, at timestamptz, what text, energy_kcal double precision, tags jsonb,
    activity text, minutes double precision, session_id text, created_at timestamptz, updated_at timestamptz,
    change_no bigint, is_deleted boolean
)
language sql
stable
begin atomic
    select
        r.record_id, r.record_type, r.at, r.what, r.energy_kcal, r.tags, r.activity, r.minutes, r.session_id,
        r.created_at, r.updated_at, c.change_no, r.deleted_at is not null
    from app.changes as c
    join app.diary_records as r on r.user_id = c.user_id and r.record_id = c.entity_id
    where c.user_id = _user_id and c.entity = 'record' and c.change_no >= _change_no
        and (c.change_no, c.entity_id) > (_change_no, _after)
    order by c.change_no, c.entity_id
    limit _limit;
end;
