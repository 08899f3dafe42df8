"""The log rows of pushes and pulls that failed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import psycopg
from psycopg_pool import AsyncConnectionPool

from koodtx.accounts.caller import Caller
from koodtx.database.query import translated
from koodtx.errors import DatabaseUnavailable, Invalid, KoodtxError
from koodtx.sync import store


@asynccontextmanager
async def failures_logged(pool: AsyncConnectionPool, caller: Caller, sync_type: str) -> AsyncIterator[None]:
    """Writes the log row of an error, in a transaction of its own, and passes the error on."""
    try:
        yield
    except (KoodtxError, msgspec.ValidationError, psycopg.Error) as error:
        known = error if isinstance(error, KoodtxError) else translated(error) or Invalid()
        if not isinstance(known, DatabaseUnavailable):
            async with pool.connection() as connection:
                await store.log_failure(connection, caller, sync_type, known.problem)
        raise
