-- Notes which question an attempt has answered: of the state that it has read, which may be newer than that at the
-- request. Nothing is written for an attempt that no longer counts.
create or replace function app.set_answer_key(_id uuid, _attempt integer, _answer_key text)
returns void
language sql
volatile
begin atomic
    update app.jobs
    set answer_key = _answer_key
    where id = _id and attempt = _attempt and status = 'running' and answer_key is distinct from _answer_key;
end;
