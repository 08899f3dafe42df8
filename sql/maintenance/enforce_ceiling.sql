-- Enqueues the job that archives whatever is older than the ceiling, also what never ended or was never uploaded.
-- Called by a job of TimescaleDB, and elsewhere replaced by a schedule: readings are deleted by jobs only. One that
-- waits for a worker is enough.
create or replace procedure app.enforce_ceiling(_job_id integer, _config jsonb)
language plpgsql
as $$
begin
    if not app.hold_queued_job('enforce_ceiling') then
        perform app.enqueue_job('enforce_ceiling', 'batch', '{}');
    end if;
end
$$;
