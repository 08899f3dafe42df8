"""The room's SQL calls."""

from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg.types.json import Jsonb

from koodtx.analysis.messages import KINDS, QueueStats
from koodtx.database.query import Connection, execute, fetch_all, fetch_one, fetch_value
from koodtx.jobs.messages import Job


class Subject(Struct):
    """What a question is about: a session, or (id None) all that the user has; and the state it is in."""

    id: int | None
    change_no: int


class Period(Struct):
    """Dates in the user's time zone."""

    start_date: date
    end_date: date


async def find_session(connection: Connection, user_id: int, session_id: str) -> Subject | None:
    return await fetch_one(
        connection,
        Subject,
        """
        select id, change_no from app.recording_sessions
        where user_id = %(user_id)s and session_id = %(session_id)s and deleted_at is null
        """,
        {"user_id": user_id, "session_id": session_id},
    )


async def find_user(connection: Connection, user_id: int) -> Subject:
    subject = await fetch_one(
        connection,
        Subject,
        "select null::bigint as id, change_no from app.change_sequences where user_id = %(user_id)s",
        {"user_id": user_id},
    )
    assert subject is not None
    return subject


async def last_30_days(connection: Connection, user_id: int) -> Period:
    """Ending today, in the user's time zone."""
    period = await fetch_one(
        connection,
        Period,
        """
        select (now() at time zone timezone)::date - 29 as start_date, (now() at time zone timezone)::date as end_date
        from app.users where id = %(user_id)s
        """,
        {"user_id": user_id},
    )
    assert period is not None
    return period


async def find_answer(
    connection: Connection, user_id: int, kind: str, arguments: dict[str, Any], subject: Subject
) -> Job | None:
    """The job that answers the same question about the same state, if there is one."""
    return await fetch_one(
        connection,
        Job,
        "select * from app.find_answer(%(user_id)s, %(kind)s, %(arguments)s, %(session_id)s, %(change_no)s)",
        {
            "user_id": user_id,
            "kind": kind,
            "arguments": Jsonb(arguments),
            "session_id": subject.id,
            "change_no": subject.change_no,
        },
    )


async def may(connection: Connection, user_id: int, job_id: UUID, action: str) -> int | None:
    """The job's version if the user may; None if not, or if there is no such job."""
    version: int | None = await fetch_value(
        connection,
        "select version from app.may_see_job(%(user_id)s, %(job_id)s, %(action)s)",
        {"user_id": user_id, "job_id": job_id, "action": action},
    )
    return version


async def history(connection: Connection, user_id: int, before: UUID | None, limit: int) -> list[Job]:
    """The user's analyses, newest first."""
    return await fetch_all(
        connection,
        Job,
        "select * from app.list_own_jobs(%(user_id)s, %(kinds)s, %(before)s, %(limit)s)",
        {"user_id": user_id, "kinds": list(KINDS), "before": before, "limit": limit},
    )


async def history_version(connection: Connection, user_id: int) -> str:
    """Changes whenever any job of the user does."""
    return str(
        await fetch_value(
            connection,
            "select concat(count(*), '.', sum(version)) from app.jobs where user_id = %(user_id)s",
            {"user_id": user_id},
        )
    )


async def queue(connection: Connection) -> QueueStats:
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


async def delete_job(connection: Connection, job_id: UUID) -> None:
    """Forgets a job that has ended."""
    await execute(
        connection,
        "delete from app.jobs where id = %(id)s and status in ('completed', 'failed', 'cancelled')",
        {"id": job_id},
    )
