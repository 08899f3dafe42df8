"""What every API process does beside serving: a minute's round of checks and erasures."""

import asyncio

import structlog

from koodtx.app_state import AppState
from koodtx.database.query import fetch_value
from koodtx.processes.cancellation import is_stopping
from koodtx.sessions import store as sessions

_ROUND_S = 60
_log = structlog.get_logger("koodtx.housekeeping")


async def keep_house(state: AppState) -> None:
    """For ever: one round at the start and one a minute. A round that fails is logged and tried again."""
    while not is_stopping():
        try:
            await _round(state)
        except Exception as error:
            _log.warning("housekeeping failed", error=type(error).__name__, detail=str(error))
        if not is_stopping():
            await asyncio.sleep(_ROUND_S)


async def _round(state: AppState) -> None:
    async with state.pool.connection() as connection:
        # A restored or promoted database begins a new generation; cursors of the old one are then answered 410.
        is_new = await fetch_value(connection, "select is_new from app.renew_sync_epoch()")
    if is_new:
        _log.info("a new generation began")
    await sessions.erase_deleted(state.pool)
