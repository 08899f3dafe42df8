"""A connection for one command."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg

from koodtx.database.query import Connection

Result = TypeVar("Result")


def run_once(url: str, call: Callable[[Connection], Awaitable[Result]]) -> Result:
    """Connects, calls, disconnects; returns the result. For commands, which have no event loop of their own."""

    async def run() -> Result:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            return await call(connection)

    return asyncio.run(run())
