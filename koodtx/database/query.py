"""Calling SQL with a msgspec struct as the row, and the one place where psycopg's errors become ours."""

from collections.abc import Mapping
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg_pool import PoolTimeout

from koodtx.errors import DatabaseUnavailable, Invalid, KoodtxError, error_of_sqlstate

Row = TypeVar("Row")
Connection = AsyncConnection[Any]
Parameters = Mapping[str, Any]

_NONE: Parameters = {}

# Deadlock, serialization failure, lock and statement time-outs, shutdown: the same request may go through later.
_RETRYABLE = {"40P01", "40001", "55P03", "57014", "57P01", "57P02", "57P03", "53300", "53200"}


async def fetch_all(
    connection: Connection,
    row: type[Row],
    query: LiteralString,
    parameters: Parameters = _NONE,
    *,
    prepare: bool | None = None,
) -> list[Row]:
    """All rows, each as a `row`. `prepare=False` over a range of times: generic plans lose chunk exclusion."""
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
    """The first row as a `row`, or None."""
    async with connection.cursor(row_factory=class_row(row), binary=True) as cursor:
        await cursor.execute(query, parameters, prepare=prepare)
        return await cursor.fetchone()


async def fetch_value(connection: Connection, query: LiteralString, parameters: Parameters = _NONE) -> Any:
    """The first column of the first row, or None."""
    cursor = await connection.execute(query, parameters)
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def execute(connection: Connection, query: LiteralString, parameters: Parameters = _NONE) -> int:
    """The number of rows written."""
    cursor = await connection.execute(query, parameters)
    return cursor.rowcount


def translated(error: Exception) -> KoodtxError | None:
    """KooDTX's error for one of psycopg or of the pool; None if it is a bug of KooDTX."""
    if isinstance(error, PoolTimeout):
        return DatabaseUnavailable(retry_after_s=1)
    if not isinstance(error, psycopg.Error):
        return None
    if (known := error_of_sqlstate(error.sqlstate)) is not None:
        return known()
    if error.sqlstate in _RETRYABLE or isinstance(error, psycopg.OperationalError):
        return DatabaseUnavailable(retry_after_s=1)
    if isinstance(error, psycopg.DataError):
        return Invalid("a value cannot be stored")
    return None
