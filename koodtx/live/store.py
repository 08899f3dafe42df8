"""The room's SQL calls."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from koodtx.database.query import Connection, execute, fetch_all, fetch_value
from koodtx.jobs.messages import Job
from koodtx.live.messages import SessionChanged

SESSIONS_AT_ONCE = 1000
# For so long a job that has ended may not have reached a listener.
_RECENT = timedelta(minutes=1)


class Watched(Struct):
    """A job that a login may watch."""

    login_id: UUID
    job_id: UUID
    version: int


class WatchedUser(Struct):
    """A user whose login is active, and the newest change number of what they have."""

    login_id: UUID
    user_id: int
    change_no: int


class ChangedSession(Struct):
    """A session that changed under a number."""

    session_id: str
    change_no: int
    updated_at: datetime
    is_deleted: bool


async def watched_jobs(connection: Connection, pairs: list[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], int]:
    """Of (login, job) pairs those that may be watched, with the job's version."""
    rows = await fetch_all(
        connection,
        Watched,
        "select * from app.watched_jobs(%(logins)s, %(jobs)s)",
        {"logins": [login for login, _ in pairs], "jobs": [job for _, job in pairs]},
    )
    return {(row.login_id, row.job_id): row.version for row in rows}


async def watch_job(connection: Connection, login_id: UUID, job_id: UUID) -> bool:
    """Whether a login may begin to watch a job. Of others than its owner it is noted in the share's access log."""
    version = await fetch_value(
        connection,
        "select version from app.watch_job(%(login_id)s, %(job_id)s)",
        {"login_id": login_id, "job_id": job_id},
    )
    return version is not None


async def find_user(connection: Connection, login_id: UUID) -> WatchedUser | None:
    """The user of a login; None when it is not active."""
    users = await fetch_all(
        connection, WatchedUser, "select * from app.watched_users(%(logins)s)", {"logins": [login_id]}
    )
    return users[0] if users else None


async def watched_users(connection: Connection, logins: list[UUID]) -> dict[UUID, int]:
    """Of logins those that are active, with the newest change number of their users."""
    users = await fetch_all(connection, WatchedUser, "select * from app.watched_users(%(logins)s)", {"logins": logins})
    return {user.login_id: user.change_no for user in users}


async def newest_share_change(connection: Connection, user_id: int, after: int) -> int | None:
    """The number of the newest change of what is shared with a user after a change number; None: there is none."""
    change_no: int | None = await fetch_value(
        connection, "select app.newest_share_change(%(user_id)s, %(after)s)", {"user_id": user_id, "after": after}
    )
    return change_no


async def changed_sessions(connection: Connection, user_id: int, after: int) -> list[tuple[int, SessionChanged]]:
    """Sessions that changed after a change number, with theirs, in that order; the first `SESSIONS_AT_ONCE`."""
    rows = await fetch_all(
        connection,
        ChangedSession,
        "select * from app.changed_sessions(%(user_id)s, %(after)s, %(limit)s)",
        {"user_id": user_id, "after": after, "limit": SESSIONS_AT_ONCE},
    )
    return [(row.change_no, SessionChanged(row.session_id, row.updated_at, row.is_deleted)) for row in rows]


async def recent_jobs(connection: Connection, user_ids: list[int]) -> list[Job]:
    """The jobs of users that have not ended, or did within a minute."""
    return await fetch_all(
        connection,
        Job,
        "select * from app.recent_jobs(%(user_ids)s, %(age)s)",
        {"user_ids": user_ids, "age": _RECENT},
    )


async def make_ticket(connection: Connection, ticket_hash: bytes, login_id: UUID, lifetime: timedelta) -> None:
    """Writes a ticket, and deletes those that nobody used."""
    await execute(connection, "delete from app.tickets where expires_at < clock_timestamp()")
    await execute(
        connection,
        """
        insert into app.tickets (ticket_hash, login_id, expires_at)
        values (%(hash)s, %(login_id)s, clock_timestamp() + %(lifetime)s)
        """,
        {"hash": ticket_hash, "login_id": login_id, "lifetime": lifetime},
    )


async def use_ticket(connection: Connection, ticket_hash: bytes) -> UUID | None:
    """The login of a ticket, once."""
    login_id: UUID | None = await fetch_value(
        connection,
        """
        delete from app.tickets where ticket_hash = %(hash)s and expires_at > clock_timestamp() returning login_id
        """,
        {"hash": ticket_hash},
    )
    return login_id
