"""The room's SQL calls."""

from datetime import timedelta
from uuid import UUID

from msgspec import Struct

from koodtx.database.query import Connection, execute, fetch_all, fetch_value


class Watched(Struct):
    """A job that a login may watch."""

    login_id: UUID
    job_id: UUID
    version: int


async def watched_jobs(connection: Connection, pairs: list[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], int]:
    """Of (login, job) pairs those that may be watched, with the job's version."""
    rows = await fetch_all(
        connection,
        Watched,
        "select * from app.watched_jobs(%(families)s, %(jobs)s)",
        {"families": [family for family, _ in pairs], "jobs": [job for _, job in pairs]},
    )
    return {(row.login_id, row.job_id): row.version for row in rows}


async def make_ticket(connection: Connection, ticket_hash: bytes, login_id: UUID, lifetime: timedelta) -> None:
    """Keeps a ticket, and forgets those that nobody used."""
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
    family: UUID | None = await fetch_value(
        connection,
        """
        delete from app.tickets where ticket_hash = %(hash)s and expires_at > clock_timestamp() returning login_id
        """,
        {"hash": ticket_hash},
    )
    return family
