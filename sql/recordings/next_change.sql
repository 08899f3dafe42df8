-- The last step of every changing transaction: its number and its time. The row stays locked to the commit, so
-- both rise strictly in commit order within one owner; whatever a snapshot does not show is later than all it shows.
create or replace function app.next_change(_user_id bigint, _readings bigint)
returns table (change_no bigint, changed_at timestamptz)
language sql
volatile
begin atomic
    update app.change_sequences
    set
        change_no = change_sequences.change_no + 1,
        changed_at = greatest(
            date_trunc('milliseconds', clock_timestamp()), change_sequences.changed_at + interval '1 millisecond'
        ),
        reading_count = change_sequences.reading_count + _readings
    where user_id = _user_id
    returning change_sequences.change_no, change_sequences.changed_at;
end;
