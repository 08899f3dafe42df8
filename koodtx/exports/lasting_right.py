"""The right to a download is checked again while it runs: that may be an hour if the client reads slowly."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

_ASK_EVERY_S = 3.0

_log = structlog.get_logger("koodtx.exports")


@asynccontextmanager
async def watched(may_download: Callable[[], Awaitable[bool]], end: Callable[[], None]) -> AsyncIterator[None]:
    """Calls `end` if the right is lost before the block ends, a few seconds later."""
    watch = asyncio.create_task(_watch(may_download, end))
    try:
        yield
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)


async def _watch(may_download: Callable[[], Awaitable[bool]], end: Callable[[], None]) -> None:
    is_allowed = True
    while is_allowed:
        # First: whether it may begin was just asked, and most have ended by then.
        await asyncio.sleep(_ASK_EVERY_S)
        try:
            is_allowed = await may_download()
        except Exception as error:  # the database is away: later
            _log.warning("the right to a download could not be checked", error=type(error).__name__)
    _log.info("a download was ended: the right to it was lost")
    end()
