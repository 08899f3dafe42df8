"""The room's SQL calls."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg.types.json import Jsonb

from koodtx.database.query import Connection, execute, fetch_all, fetch_one, fetch_value
from koodtx.jobs.messages import Job, JobFilter, Status, Worker
from koodtx.keyset import Place
from koodtx.names import folded

LEASE = timedelta(seconds=30)
# Jobs that one request of an administrator changes at most.
_MOST_AT_ONCE = 1000


class NewJob(NamedTuple):
    """A call of a task. `job_id` None: a new one; the same twice is one job. `run_at` None: at once.

    `answer_key`: the question that it answers, for `find_answer`.
    """

    task: str
    lane: str
    max_attempts: int
    arguments: dict[str, Any]
    job_id: UUID | None = None
    run_at: datetime | None = None
    answer_key: str | None = None


class Subject(Struct, frozen=True):
    """Whose job it is (None: the service's), the session it is about, and the change number it was requested at."""

    user_id: int | None = None
    recording_id: int | None = None
    change_no: int | None = None


class QueueStats(Struct):
    """How many jobs of everybody are in which state."""

    queued: int
    running: int


async def enqueue(connection: Connection, job: NewJob, subject: Subject) -> UUID:
    """Writes a job in the caller's transaction."""
    job_id: UUID = await fetch_value(
        connection,
        """
        select app.enqueue_job(
            %(task)s, %(lane)s, %(arguments)s, %(user_id)s, %(recording_id)s, %(change_no)s, %(max_attempts)s,
            %(run_at)s, %(id)s, %(answer_key)s
        )
        """,
        {
            "task": job.task,
            "lane": job.lane,
            "arguments": Jsonb(job.arguments),
            "user_id": subject.user_id,
            "recording_id": subject.recording_id,
            "change_no": subject.change_no,
            "max_attempts": job.max_attempts,
            "run_at": job.run_at,
            "id": job.job_id,
            "answer_key": job.answer_key,
        },
    )
    return job_id


async def hold_queued(connection: Connection, task: str) -> bool:
    """Whether the service has queued the task; no worker claims that job before the end of this transaction."""
    return bool(await fetch_value(connection, "select app.hold_queued_job(%(task)s)", {"task": task}))


async def get_job(connection: Connection, job_id: UUID) -> Job | None:
    """The job, whoever's it is."""
    return await fetch_one(connection, Job, "select * from app.jobs where id = %(id)s", {"id": job_id})


async def may(connection: Connection, user_id: int, job_id: UUID, action: str) -> int | None:
    """The job's version if the user may `view`, `download`, `end` or `retry` it; None if not, or if there is none.

    Of others than its owner it is noted in the access log of the share.
    """
    version: int | None = await fetch_value(
        connection,
        "select version from app.use_job(%(user_id)s, %(job_id)s, %(action)s)",
        {"user_id": user_id, "job_id": job_id, "action": action},
    )
    return version


async def list_own(
    connection: Connection,
    user_id: int,
    *,
    tasks: Sequence[str] | None = None,
    status: Status | None = None,
    session_id: str | None = None,
    before: Place[UUID] | None = None,
    limit: int = 50,
) -> list[Job]:
    """A user's jobs, newest first, after a place."""
    return await fetch_all(
        connection,
        Job,
        """
        select * from app.list_own_jobs(
            %(user_id)s, %(tasks)s, %(status)s, %(session_id)s, %(before_at)s, %(before_id)s, %(limit)s
        )
        """,
        {
            "user_id": user_id,
            "tasks": None if tasks is None else list(tasks),
            "status": status,
            "session_id": session_id,
            "before_at": before.at if before else None,
            "before_id": before.key if before else None,
            "limit": limit,
        },
    )


async def list_jobs(
    connection: Connection,
    *,
    status: str | None = None,
    limit: int = 50,
    task: str | None = None,
    lane: str | None = None,
    username: str | None = None,
) -> list[Job]:
    """The newest jobs of everybody, for the operator."""
    return await fetch_all(
        connection,
        Job,
        "select * from app.list_jobs(%(task)s, %(lane)s, %(statuses)s, %(username_key)s, %(limit)s)",
        {
            "task": task,
            "lane": lane,
            "statuses": None if status is None else [status],
            "username_key": None if username is None else folded(username),
            "limit": limit,
        },
    )


async def count_waiting(connection: Connection, user_id: int, *, is_due: bool) -> int:
    """How many jobs of a user are queued: of those that are due, or of those for later."""
    count: int = await fetch_value(
        connection,
        """
        select count(*) from app.jobs
        where coalesce(user_id, 0) = %(user_id)s and status = 'queued' and (run_at <= clock_timestamp()) = %(is_due)s
        """,
        {"user_id": user_id, "is_due": is_due},
    )
    return count


async def count_unfinished(connection: Connection) -> QueueStats:
    stats = await fetch_one(
        connection,
        QueueStats,
        """
        select
            count(*) filter (where status = 'queued') as queued,
            count(*) filter (where status = 'running') as running
        from app.jobs where status in ('queued', 'running')
        """,
    )
    assert stats is not None
    return stats


async def find_answer(connection: Connection, user_id: int, answer_key: str) -> Job | None:
    """The job that answers this question, if there is one. Nobody else looks for it before this transaction ends."""
    return await fetch_one(
        connection,
        Job,
        "select * from app.find_answer(%(user_id)s, %(answer_key)s)",
        {"user_id": user_id, "answer_key": answer_key},
    )


async def set_answer_key(connection: Connection, job_id: UUID, attempt: int, answer_key: str) -> None:
    """Notes which question an attempt has answered."""
    await execute(
        connection,
        "select app.set_answer_key(%(id)s, %(attempt)s, %(answer_key)s)",
        {"id": job_id, "attempt": attempt, "answer_key": answer_key},
    )


async def claim_job(connection: Connection, tasks: Sequence[str], lanes: Sequence[str]) -> Job | None:
    """The next job of these tasks and lanes that is due, leased to the caller."""
    return await fetch_one(
        connection,
        Job,
        "select * from app.claim_job(%(lease)s, %(tasks)s, %(lanes)s)",
        {"lease": LEASE, "tasks": list(tasks), "lanes": list(lanes)},
    )


async def has_due_job(connection: Connection, tasks: Sequence[str], lanes: Sequence[str]) -> bool:
    """Whether a job of these tasks and lanes waits for a worker."""
    return bool(
        await fetch_value(
            connection, "select app.has_due_job(%(tasks)s, %(lanes)s)", {"tasks": list(tasks), "lanes": list(lanes)}
        )
    )


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


async def yield_job(connection: Connection, job_id: UUID, attempt: int) -> Job | None:
    """Queues the job of an attempt again, at no cost. None: the attempt no longer counts."""
    return await fetch_one(
        connection,
        Job,
        "select * from app.yield_job(%(id)s, %(attempt)s)",
        {"id": job_id, "attempt": attempt},
    )


async def defer_job(connection: Connection, job_id: UUID, attempt: int, run_at: datetime, message: str) -> Job | None:
    """Queues the job of an attempt again for a time, at no cost. None: the attempt no longer counts."""
    return await fetch_one(
        connection,
        Job,
        "select * from app.defer_job(%(id)s, %(attempt)s, %(run_at)s, %(message)s)",
        {"id": job_id, "attempt": attempt, "run_at": run_at, "message": message},
    )


async def settle_job(
    connection: Connection, job_id: UUID, *, result: dict[str, Any] | None = None, error: str | None = None
) -> Job | None:
    """Ends a job by what it waited for, in the caller's transaction. None: it has ended, or there is none."""
    return await fetch_one(
        connection,
        Job,
        "select * from app.settle_job(%(id)s, %(result)s, %(error)s)",
        {"id": job_id, "result": None if result is None else Jsonb(result), "error": error},
    )


async def advance_job(connection: Connection, job_id: UUID, progress: int, message: str) -> Job | None:
    """Notes progress that came from outside. None: the job has ended, or there is none."""
    return await fetch_one(
        connection,
        Job,
        "select * from app.advance_job(%(id)s, %(progress)s, %(message)s)",
        {"id": job_id, "progress": progress, "message": message},
    )


async def cancel_job(connection: Connection, job_id: UUID) -> Job | None:
    """None: there was nothing to cancel."""
    return await fetch_one(connection, Job, "select * from app.cancel_job(%(id)s)", {"id": job_id})


async def retry_job(connection: Connection, job_id: UUID) -> Job | None:
    """Queues a job again that failed or was cancelled. None: there was none."""
    return await fetch_one(connection, Job, "select * from app.retry_job(%(id)s)", {"id": job_id})


async def cancel_jobs(connection: Connection, wanted: JobFilter) -> list[Job]:
    """Cancels the newest thousand jobs that the filter fits and that have not ended."""
    return await fetch_all(
        connection,
        Job,
        """
        select changed.* from app.list_jobs(%(task)s, %(lane)s, %(statuses)s, %(username_key)s, %(limit)s) as j
        cross join lateral app.cancel_job(j.id) as changed
        """,
        _filter(wanted, ("queued", "running")),
    )


async def retry_jobs(connection: Connection, wanted: JobFilter) -> list[Job]:
    """Queues the newest thousand jobs again that the filter fits and that failed or were cancelled."""
    return await fetch_all(
        connection,
        Job,
        """
        select changed.* from app.list_jobs(%(task)s, %(lane)s, %(statuses)s, %(username_key)s, %(limit)s) as j
        cross join lateral app.retry_job(j.id) as changed
        """,
        _filter(wanted, ("failed", "cancelled")),
    )


def _filter(wanted: JobFilter, statuses: tuple[str, ...]) -> dict[str, Any]:
    chosen = [status for status in statuses if wanted.status in (None, status)]
    return {
        "task": wanted.task,
        "lane": wanted.lane,
        "statuses": chosen,
        "username_key": None if wanted.username is None else folded(wanted.username),
        "limit": _MOST_AT_ONCE,
    }


async def delete_job(connection: Connection, job_id: UUID) -> None:
    """Deletes a job that has ended."""
    await execute(
        connection,
        "delete from app.jobs where id = %(id)s and status in ('completed', 'failed', 'cancelled')",
        {"id": job_id},
    )


async def see_worker(
    connection: Connection, name: str, running: int, lanes: Sequence[str], tasks: Sequence[str]
) -> None:
    """Notes that a worker is alive, and what it claims."""
    await execute(
        connection,
        """
        insert into app.workers (name, running, lanes, tasks) values (%(name)s, %(running)s, %(lanes)s, %(tasks)s)
        on conflict (name) do update
        set seen_at = now(), running = excluded.running, lanes = excluded.lanes, tasks = excluded.tasks
        """,
        {"name": name, "running": running, "lanes": list(lanes), "tasks": list(tasks)},
    )


async def report_unclaimed(connection: Connection, age: timedelta) -> list[Job]:
    """Jobs that no living worker can claim, when that is first noticed; their message says why."""
    return await fetch_all(connection, Job, "select * from app.report_unclaimed_jobs(%(age)s)", {"age": age})


async def list_workers(connection: Connection) -> list[Worker]:
    """Those seen in the last minute; the others are deleted."""
    await execute(connection, "delete from app.workers where seen_at < now() - interval '1 minute'")
    return await fetch_all(connection, Worker, "select * from app.workers order by started_at, name")
