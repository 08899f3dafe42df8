"""The pool of database connections of one process."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from koodtx.settings import Settings

# Autocommit: each statement is a transaction of its own unless connection.transaction() opens a longer one.
_CONNECTION = {
    "autocommit": True,
    "application_name": "koodtx",
    "connect_timeout": 5,
    "options": "-c timezone=UTC -c synchronous_commit=on -c statement_timeout=60s -c lock_timeout=30s"
    " -c idle_in_transaction_session_timeout=60s",
}


class CancellablePool(AsyncConnectionPool):
    """A pool that loses no connection when who takes or returns it is cancelled in that moment.

    A client that hangs up cancels what it has asked for, in each await until it ends. The pool of psycopg then loses
    connections that are handed over or returned, until there are none. Here both are tasks of their own.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._moves: set[asyncio.Task[Any]] = set()

    async def getconn(self, timeout: float | None = None) -> AsyncConnection[Any]:  # noqa: ASYNC109 - as overridden
        taken = self._move(super().getconn(timeout))
        try:
            return await asyncio.shield(taken)
        except asyncio.CancelledError:
            taken.add_done_callback(self._take_back)
            raise

    async def putconn(self, conn: AsyncConnection[Any]) -> None:
        await asyncio.shield(self._move(super().putconn(conn)))

    def _move(self, move: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        # asyncio itself holds tasks weakly.
        task = asyncio.create_task(move)
        self._moves.add(task)
        task.add_done_callback(self._moves.discard)
        return task

    def _take_back(self, taken: asyncio.Task[AsyncConnection[Any]]) -> None:
        if not taken.cancelled() and taken.exception() is None:
            self._move(super().putconn(taken.result()))


def make_pool(settings: Settings) -> AsyncConnectionPool:
    """Returns a closed pool. Connections are checked when taken, so that a restarted database causes no errors."""
    return CancellablePool(
        settings.database_url,
        kwargs=_CONNECTION,
        min_size=min(settings.pool_min, settings.pool_max),
        max_size=settings.pool_max,
        max_lifetime=settings.pool_max_lifetime_s,
        timeout=settings.pool_timeout_s,
        # Pauses between attempts to connect double. Restarting them every two seconds makes the pool use a database
        # that was down for long at once; `check` starts new attempts for waiting requests.
        reconnect_timeout=2,
        reconnect_failed=AsyncConnectionPool.check,
        check=AsyncConnectionPool.check_connection,
        name="koodtx",
        open=False,
    )
