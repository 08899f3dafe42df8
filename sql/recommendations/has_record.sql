-- Whether a user's diary has a record of a type between two times; the second is not included.
create or replace function app.has_record(
    _user_id bigint, _record_type text, _from_at timestamptz, _until_at timestamptz
)
returns boolean
language sql
stable
begin atomic
    select exists(
        select from app.diary_records as r
        where r.user_id = _user_id and r.deleted_at is null and r.record_type = _record_type
            and r.at >= _from_at and r.at < _until_at
    );
end;
