-- The last step of every changing transaction: its number and its time. The row stays locked to the commit, so
-- both rise strictly in commit order within one owner; whatever a snapshot does not show is later than all it shows.
create or replace function app.advance_clock(_user_id bigint, _readings bigint)
returns table (change_no bigint, changed_at timestamptz)
language sql
volatile
begin atomic
    update app.owner_clock
    set
        change_no = owner_clock.change_no + 1,
        changed_at = greatest(
            date_trunc('milliseconds', clock_timestamp()), owner_clock.changed_at + interval '1 millisecond'
        ),
        reading_count = owner_clock.reading_count + _readings
    where user_id = _user_id
    returning owner_clock.change_no, owner_clock.changed_at;
end;
