-- The newest job of a user that answers, or is about to answer, the question with this key. Until the end of the
-- transaction nobody else looks for the same one: a caller that finds none may enqueue it, once. The lock has two
-- numbers, those of migrations and of maintenance have one: they never meet.
create or replace function app.find_answer(_user_id bigint, _answer_key text)
returns setof app.jobs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(hashtext('app.find_answer'), hashtext(concat(_user_id, '.', _answer_key)));
    -- A statement of its own, which sees what was committed before the lock.
    return query
    select j.*
    from app.jobs as j
    where j.user_id = _user_id and j.answer_key = _answer_key and j.status in ('queued', 'running', 'completed')
    order by j.created_at desc, j.id desc
    limit 1;
end
$$;
