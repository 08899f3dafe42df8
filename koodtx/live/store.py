"""The room's SQL calls."""

from datetime import timedelta
from uuid import UUID

from msgspec import Struct

from koodtx.database.calls import Connection, execute, fetch_all, fetch_value


class Watched(Struct):
    """A job that a log-in may watch."""

    family_id: UUID
    job_id: UUID
    version: int


async def watched_jobs(connection: Connection, pairs: list[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], int]:
    """Of (log-in, job) pairs those that may be watched, with the job's version."""
    rows = await fetch_all(
        connection,
        Watched,
        "select * from app.watched_jobs(%(families)s, %(jobs)s)",
        {"families": [family for family, _ in pairs], "jobs": [job for _, job in pairs]},
    )
    return {(row.family_id, row.job_id): row.version for row in rows}


async def make_ticket(connection: Connection, ticket_hash: bytes, family_id: UUID, lifetime: timedelta) -> None:
    """Keeps a ticket, and forgets those that nobody used."""
    await execute(connection, "delete from app.tickets where expires_at < clock_timestamp()")
    await execute(
        connection,
        """
        insert into app.tickets (ticket_hash, family_id, expires_at)
        values (%(hash)s, %(family_id)s, clock_timestamp() + %(lifetime)s)
        """,
        {"hash": ticket_hash, "family_id": family_id, "lifetime": lifetime},
    )


async def use_ticket(connection: Connection, ticket_hash: bytes) -> UUID | None:
    """The log-in of a ticket, once."""
    family: UUID | None = await fetch_value(
        connection,
        """
        delete from app.tickets where ticket_hash = %(hash)s and expires_at > clock_timestamp() returning family_id
        """,
        {"hash": ticket_hash},
    )
    return family
