-- The background jobs that TimescaleDB runs for KooDTX: refreshes, columnstore, retention. No row where there are none.
-- name: the procedure and what it works on. last_status: Success or Failed, NULL before the first run. failures: how
-- many runs failed in all. error: why the last one failed.
-- plpgsql with execute, because the views exist with TimescaleDB only; security definer, because they show a job and
-- its errors to its owner alone.
create or replace function app.timescaledb_jobs()
returns table (
    job_id integer, name text, last_status text, last_run_at timestamptz, runs bigint, failures bigint, error text
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if to_regclass('timescaledb_information.job_errors') is null then
        return;
    end if;
    return query execute $query$
        select
            j.job_id, concat_ws(' of ', j.proc_name, coalesce(c.user_view_name, j.hypertable_name)),
            s.last_run_status, nullif(s.last_run_started_at, '-infinity'),
            coalesce(s.total_runs, 0), coalesce(s.total_failures, 0),
            case when s.last_run_status = 'Failed' then (
                select e.err_message from timescaledb_information.job_errors as e
                where e.job_id = j.job_id order by e.finish_time desc limit 1
            ) end
        from timescaledb_information.jobs as j
        left join timescaledb_information.job_stats as s on s.job_id = j.job_id
        left join _timescaledb_catalog.hypertable as h
            on h.schema_name = j.hypertable_schema and h.table_name = j.hypertable_name
        left join _timescaledb_catalog.continuous_agg as c on c.mat_hypertable_id = h.id
        where j.job_id >= 1000
        order by j.job_id
    $query$;
end
$$;
