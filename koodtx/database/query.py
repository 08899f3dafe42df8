"""Queries with a msgspec struct per row, and the one place that translates psycopg's errors."""

from collections.abc import Mapping
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.errors import QueryCanceled
from psycopg.rows import class_row
from psycopg_pool import PoolTimeout

from koodtx.errors import DatabaseUnavailable, Invalid, KoodtxError, TookTooLong, error_of_sqlstate

Row = TypeVar("Row")
Connection = AsyncConnection[Any]
Parameters = Mapping[str, Any]

_NONE: Parameters = {}

# Deadlock, serialization failure, lock timeout, shutdown: the same request may succeed later.
_RETRYABLE = {"40P01", "40001", "55P03", "57P01", "57P02", "57P03", "53300", "53200"}
# The statement timeout: at once, the same request would run into it again.
_RETRY_SLOW_S = 60


async def fetch_all(
    connection: Connection,
    row: type[Row],
    query: LiteralString,
    parameters: Parameters = _NONE,
    *,
    prepare: bool | None = None,
) -> list[Row]:
    """Returns all rows as `row`. `prepare=False` for ranges of time: generic plans lose chunk exclusion."""
    async with connection.cursor(row_factory=class_row(row), binary=True) as cursor:
        await cursor.execute(query, parameters, prepare=prepare)
        return await cursor.fetchall()


async def fetch_one(
    connection: Connection,
    row: type[Row],
    query: LiteralString,
    parameters: Parameters = _NONE,
    *,
    prepare: bool | None = None,
) -> Row | None:
    """Returns the first row as `row`, or None."""
    async with connection.cursor(row_factory=class_row(row), binary=True) as cursor:
        await cursor.execute(query, parameters, prepare=prepare)
        return await cursor.fetchone()


async def fetch_value(
    connection: Connection, query: LiteralString, parameters: Parameters = _NONE, *, prepare: bool | None = None
) -> Any:
    """Returns the first column of the first row, or None."""
    cursor = await connection.execute(query, parameters, prepare=prepare)
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def execute(connection: Connection, query: LiteralString, parameters: Parameters = _NONE) -> int:
    """Returns the number of rows written."""
    cursor = await connection.execute(query, parameters)
    return cursor.rowcount


def translated(error: Exception) -> KoodtxError | None:
    """Returns the KoodtxError for an error of psycopg or its pool; None when the error is a bug."""
    if isinstance(error, PoolTimeout):
        return DatabaseUnavailable(retry_after_s=1)
    if not isinstance(error, psycopg.Error):
        return None
    if isinstance(error, QueryCanceled):
        return TookTooLong(retry_after_s=_RETRY_SLOW_S)
    if (known := error_of_sqlstate(error.sqlstate)) is not None:
        return known()
    if error.sqlstate in _RETRYABLE or isinstance(error, psycopg.OperationalError):
        return DatabaseUnavailable(retry_after_s=1)
    if isinstance(error, psycopg.DataError):
        return Invalid("a value cannot be stored")
    return None
