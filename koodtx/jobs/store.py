"""The room's SQL calls."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from koodtx.database.query import Connection, execute, fetch_all, fetch_one, fetch_value
from koodtx.jobs.messages import Job, Worker

LEASE = timedelta(seconds=30)


async def enqueue(
    connection: Connection,
    kind: str,
    arguments: dict[str, Any],
    *,
    job_id: UUID | None = None,
    user_id: int | None = None,
    recording_id: int | None = None,
    session_change_no: int | None = None,
    run_at: datetime | None = None,
) -> UUID:
    """Writes a job in the caller's transaction. The same `job_id` twice is one job. Ring the bell after the commit."""
    job: UUID = await fetch_value(
        connection,
        """
        insert into app.jobs (id, kind, arguments, user_id, recording_id, session_change_no, run_at)
        values (
            coalesce(%(id)s, gen_random_uuid()), %(kind)s, %(arguments)s, %(user_id)s,
            %(recording_id)s, %(change_no)s, coalesce(%(run_at)s, clock_timestamp())
        )
        on conflict (id) do update set id = excluded.id
        returning id
        """,
        {
            "id": job_id,
            "kind": kind,
            "arguments": Jsonb(arguments),
            "user_id": user_id,
            "recording_id": recording_id,
            "change_no": session_change_no,
            "run_at": run_at,
        },
    )
    return job


async def get_job(connection: Connection, job_id: UUID) -> Job | None:
    """The job, whoever's it is."""
    return await fetch_one(connection, Job, "select * from app.jobs where id = %(id)s", {"id": job_id})


async def list_jobs(connection: Connection, *, status: str | None = None, limit: int = 50) -> list[Job]:
    """The newest jobs of everybody, for the operator."""
    return await fetch_all(
        connection,
        Job,
        """
        select * from app.jobs where %(status)s::text is null or status = %(status)s::text
        order by created_at desc, id limit %(limit)s
        """,
        {"status": status, "limit": limit},
    )


async def count_waiting(connection: Connection, user_id: int) -> int:
    """How many jobs of a user are queued."""
    count: int = await fetch_value(
        connection,
        "select count(*) from app.jobs where user_id = %(user_id)s and status = 'queued'",
        {"user_id": user_id},
    )
    return count


async def claim_job(connection: Connection) -> Job | None:
    """The next job that is due, leased to the caller."""
    return await fetch_one(connection, Job, "select * from app.claim_job(%(lease)s)", {"lease": LEASE})


async def renew_leases(connection: Connection, attempts: Sequence[tuple[UUID, int]]) -> set[UUID]:
    """Renews the leases of (job, attempt)s; the jobs that still are the caller's."""
    cursor = await connection.execute(
        "select app.renew_leases(%(ids)s, %(attempts)s, %(lease)s)",
        {"ids": [job for job, _ in attempts], "attempts": [attempt for _, attempt in attempts], "lease": LEASE},
    )
    return {row[0] for row in await cursor.fetchall()}


async def report_progress(
    connection: Connection, job_id: UUID, attempt: int, progress: int, message: str
) -> Job | None:
    """None: the attempt no longer counts."""
    return await fetch_one(
        connection,
        Job,
        "select * from app.report_progress(%(id)s, %(attempt)s, %(progress)s, %(message)s)",
        {"id": job_id, "attempt": attempt, "progress": progress, "message": message},
    )


async def finish_job(
    connection: Connection,
    job_id: UUID,
    attempt: int,
    *,
    result: dict[str, Any] | None = None,
    error: str | None = None,
    is_final: bool = False,
) -> Job | None:
    """Ends an attempt by its result or its error. None: it no longer counted, and nothing was written."""
    return await fetch_one(
        connection,
        Job,
        "select * from app.finish_job(%(id)s, %(attempt)s, %(result)s, %(error)s, %(is_final)s)",
        {
            "id": job_id,
            "attempt": attempt,
            "result": None if result is None else Jsonb(result),
            "error": error,
            "is_final": is_final,
        },
    )


async def end_job(connection: Connection, job_id: UUID, *, is_retry: bool) -> Job | None:
    """Cancels a job, or queues an ended one anew. None: there was nothing to cancel or to repeat."""
    return await fetch_one(
        connection, Job, "select * from app.end_job(%(id)s, %(retry)s)", {"id": job_id, "retry": is_retry}
    )


async def see_worker(connection: Connection, name: str, running: int) -> None:
    """Notes that a worker is alive."""
    await execute(
        connection,
        """
        insert into app.workers (name, running) values (%(name)s, %(running)s)
        on conflict (name) do update set seen_at = now(), running = excluded.running
        """,
        {"name": name, "running": running},
    )


async def list_workers(connection: Connection) -> list[Worker]:
    """Those seen in the last minute; the others are forgotten."""
    await execute(connection, "delete from app.workers where seen_at < now() - interval '1 minute'")
    return await fetch_all(connection, Worker, "select * from app.workers order by started_at, name")
