"""The room's SQL calls."""

from psycopg_pool import AsyncConnectionPool

from koodtx.database.query import fetch_value


async def sessions_to_store(pool: AsyncConnectionPool) -> list[int]:
    """Returns the sessions with hours whose rollups are not stored yet, by internal number."""
    async with pool.connection() as connection:
        cursor = await connection.execute("select recording_id from app.sessions_to_store() order by recording_id")
        return [row[0] for row in await cursor.fetchall()]


async def store_partials(pool: AsyncConnectionPool, recording_id: int) -> bool:
    """Stores the rollups of some hours of a session, in one transaction. Returns whether hours may be left to store.

    False also if somebody changed these hours meanwhile, or another process stores them: another run will.
    """
    async with pool.connection() as connection:
        is_more: bool = await fetch_value(
            connection, "select app.store_partials(%(recording_id)s)", {"recording_id": recording_id}
        )
    return is_more
