-- Gives their rank to at most _limit jobs that have become due: behind the user's jobs that are due already.
create or replace function app.rank_due_jobs(_limit integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    with due as (
        select j.id, j.user_id, j.lane, j.run_at
        from app.jobs as j
        where j.status = 'queued' and j.queue_rank is null and j.run_at <= clock_timestamp()
        order by j.run_at, j.id
        limit _limit
        for update skip locked
    ),

    ranked as (
        select
            due.id,
            app.queue_rank(due.user_id, due.lane)
            + row_number() over (partition by due.user_id, due.lane order by due.run_at, due.id) - 1 as queue_rank
        from due
    )
    update app.jobs as j set queue_rank = ranked.queue_rank from ranked where j.id = ranked.id;
end
$$;
