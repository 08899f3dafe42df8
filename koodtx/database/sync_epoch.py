"""The sync epoch: which life of the database this is. A restored or promoted database begins a new one."""

import asyncio
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool

from koodtx.database.query import fetch_value
from koodtx.processes.cancellation import is_stopping
from koodtx.settings import Settings

_CHECK_EVERY_S = 60
_log = structlog.get_logger("koodtx.database")


def renew(settings: Settings) -> UUID:
    """Begins a new sync epoch: cursors of the old one get 410, and clients do a full resync."""
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        row = connection.execute("select id from app.renew_sync_epoch(true)").fetchone()
    assert row is not None
    epoch: UUID = row[0]
    return epoch


async def watch_sync_epoch(pool: AsyncConnectionPool) -> None:
    """Checks at the start and once per minute whether the database is another one, as long as the process runs."""
    while not is_stopping():
        try:
            async with pool.connection() as connection:
                is_new = await fetch_value(connection, "select is_new from app.renew_sync_epoch()")
            if is_new:
                _log.info("a new sync epoch began")
        except Exception as error:
            _log.warning("the sync epoch could not be checked", error=type(error).__name__, detail=str(error))
        if not is_stopping():
            await asyncio.sleep(_CHECK_EVERY_S)
