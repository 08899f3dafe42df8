"""The room's SQL calls."""

from psycopg.errors import LockNotAvailable
from psycopg_pool import AsyncConnectionPool

from koodtx.database.query import fetch_value

# An hour of a session is the least that is stored at once, however many readings it has.
_LIMITS = """
select set_config('statement_timeout', '10min', true), set_config('lock_timeout', '1s', true)
"""


async def sessions_to_store(pool: AsyncConnectionPool) -> list[int]:
    """Returns the sessions with hours whose rollups are not stored yet, by internal number."""
    async with pool.connection() as connection:
        cursor = await connection.execute("select recording_id from app.sessions_to_store() order by recording_id")
        return [row[0] for row in await cursor.fetchall()]


async def store_partials(pool: AsyncConnectionPool, recording_id: int) -> bool:
    """Stores the rollups of some hours of a session, in one transaction. Returns whether hours may be left to store.

    False also if somebody changes the session, or another process stores its rollups: another run will.
    """
    try:
        async with pool.connection() as connection, connection.transaction():
            await connection.execute(_LIMITS)
            is_more: bool = await fetch_value(
                connection, "select app.store_partials(%(recording_id)s)", {"recording_id": recording_id}
            )
    except LockNotAvailable:
        return False
    return is_more
