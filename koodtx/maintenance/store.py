"""The room's SQL calls."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import sql
from psycopg.types.json import Jsonb

from koodtx.database.query import Connection, execute, fetch_all, fetch_one, fetch_value
from koodtx.maintenance.messages import MaintenanceReport, Run


class Session(Struct):
    """A session that is to be archived; `readings`: how many are stored."""

    id: int
    readings: int


class Freed(Struct):
    """What went."""

    row_count: int
    byte_count: int


class Table(Struct):
    """A table of app with its chunks."""

    name: str
    row_count: int
    dead_row_count: int
    byte_count: int
    chunk_count: int
    vacuumed_at: datetime | None
    analyzed_at: datetime | None
    may_vacuum: bool


class Index(Struct):
    """An index with those of chunks. `expected_byte_count`: of a new one with the same rows."""

    name: str
    table_name: str
    is_unique: bool
    scan_count: int
    byte_count: int
    expected_byte_count: int


class Setting(Struct):
    """How long something is kept, and what is older."""

    name: str
    days: int
    task: str | None
    is_applied: bool
    row_count: int | None
    byte_count: int | None


async def lock_task(connection: Connection, task: str, wait: timedelta) -> None:
    """Holds the task's lock until it is given back or the connection ends. Raises LockNotAvailable after the wait."""
    await limit_waits(connection, wait)
    try:
        await connection.execute("select pg_advisory_lock(app.task_lock(%(task)s))", {"task": task})
    finally:
        await limit_waits(connection, None)


async def unlock_task(connection: Connection, task: str) -> None:
    await connection.execute("select pg_advisory_unlock(app.task_lock(%(task)s))", {"task": task})


async def limit_statements(connection: Connection, limit: timedelta | None) -> None:
    """The longest that a statement of this connection may take; None: as the pool has it."""
    await _limit(connection, "statement_timeout", limit)


async def limit_waits(connection: Connection, limit: timedelta | None) -> None:
    """The longest that a statement of this connection may wait for a lock; None: as the pool has it."""
    await _limit(connection, "lock_timeout", limit)


async def _limit(connection: Connection, parameter: str, limit: timedelta | None) -> None:
    if limit is None:
        await connection.execute(sql.SQL("reset {}").format(sql.Identifier(parameter)))
        return
    milliseconds = f"{limit // timedelta(milliseconds=1)}ms"
    await connection.execute(
        "select set_config(%(parameter)s, %(limit)s, false)", {"parameter": parameter, "limit": milliseconds}
    )


async def begin_run(
    connection: Connection,
    task: str,
    arguments: dict[str, Any],
    *,
    age: timedelta | None,
    is_dry_run: bool,
    is_guarded: bool,
    is_confirmed: bool,
    job_id: UUID | None,
) -> Run:
    """A row of the run log, new or of an earlier attempt of the job; perhaps `unconfirmed` or `completed`."""
    run = await fetch_one(
        connection,
        Run,
        """
        select * from app.begin_run(
            %(task)s, %(arguments)s, %(age)s, %(dry_run)s, %(guarded)s, %(confirmed)s, %(job_id)s, %(host_now)s
        )
        """,
        {
            "task": task,
            "arguments": Jsonb(arguments),
            "age": age,
            "dry_run": is_dry_run,
            "guarded": is_guarded,
            "confirmed": is_confirmed,
            "job_id": job_id,
            "host_now": datetime.now(UTC),
        },
    )
    assert run is not None
    return run


async def advance_run(connection: Connection, run: Run, freed: Freed, *, sessions: int = 0, after: int = 0) -> None:
    """To be called in the transaction that freed it."""
    await execute(
        connection,
        "select app.advance_run(%(id)s, %(rows)s, %(bytes)s, %(sessions)s, %(after)s)",
        {
            "id": run.id,
            "rows": freed.row_count,
            "bytes": freed.byte_count,
            "sessions": sessions,
            "after": after,
        },
    )


async def end_run(
    connection: Connection, run: Run, details: dict[str, Any], *, error: str | None = None, is_paused: bool = False
) -> Run:
    """The run as it ended, or paused."""
    ended = await fetch_one(
        connection,
        Run,
        "select * from app.end_run(%(id)s, %(details)s, %(error)s, %(is_paused)s)",
        {"id": run.id, "details": Jsonb(details), "error": error, "is_paused": is_paused},
    )
    assert ended is not None
    return ended


async def count_archivable(connection: Connection, cutoff: datetime, *, is_any: bool) -> tuple[int, int]:
    """How many sessions are to be archived, and how many readings they have."""
    cursor = await connection.execute(
        """
        select count(*), coalesce(sum(readings), 0)::bigint
        from app.idle_sessions(%(cutoff)s)
        where is_complete or %(any)s
        """,
        {"cutoff": cutoff, "any": is_any},
    )
    sessions, readings = await cursor.fetchone() or (0, 0)
    return sessions, readings


async def list_archivable(
    connection: Connection, cutoff: datetime, *, is_any: bool, after: int, limit: int
) -> list[Session]:
    """Sessions to be archived, by id, beginning after one."""
    return await fetch_all(
        connection,
        Session,
        """
        select id, readings from app.idle_sessions(%(cutoff)s)
        where (is_complete or %(any)s) and id > %(after)s order by id limit %(limit)s
        """,
        {"cutoff": cutoff, "any": is_any, "after": after, "limit": limit},
    )


async def archive_session(connection: Connection, session: int, cutoff: datetime) -> int:
    """Readings deleted; 0 if the session is no longer old, or is being written to."""
    deleted: int = await fetch_value(
        connection,
        "select app.archive_old_session(%(id)s, %(cutoff)s)",
        {"id": session, "cutoff": cutoff},
    )
    return deleted


async def bytes_per_reading(connection: Connection) -> float:
    size: float = await fetch_value(connection, "select bytes_per_reading from app.stored_readings_size()")
    return size


async def drop_empty_chunk(connection: Connection, cutoff: datetime) -> int | None:
    """Bytes of the chunk; None: there is none to drop. Raises LockNotAvailable."""
    size: int | None = await fetch_value(connection, "select app.drop_empty_chunk(%(cutoff)s)", {"cutoff": cutoff})
    return size


async def count_old_sync_logs(connection: Connection, cutoff: datetime) -> Freed:
    freed = await fetch_one(connection, Freed, "select * from app.old_sync_logs(%(cutoff)s)", {"cutoff": cutoff})
    assert freed is not None
    return freed


async def drop_log_chunk(connection: Connection, cutoff: datetime) -> Freed | None:
    """Drops one whole chunk of the sync log. None: there is none. Raises LockNotAvailable."""
    return await fetch_one(connection, Freed, "select * from app.drop_log_chunk(%(cutoff)s)", {"cutoff": cutoff})


async def delete_sync_logs(connection: Connection, cutoff: datetime, limit: int) -> Freed:
    freed = await fetch_one(
        connection,
        Freed,
        "select * from app.delete_sync_logs(%(cutoff)s, %(limit)s)",
        {"cutoff": cutoff, "limit": limit},
    )
    assert freed is not None
    return freed


async def count_abandoned(connection: Connection, cutoff: datetime) -> int:
    count: int = await fetch_value(
        connection, "select count(*) from app.abandoned_sessions(%(cutoff)s)", {"cutoff": cutoff}
    )
    return count


async def list_abandoned(connection: Connection, cutoff: datetime, *, after: int, limit: int) -> list[int]:
    """Ids of sessions to be closed, beginning after one."""
    cursor = await connection.execute(
        "select id from app.abandoned_sessions(%(cutoff)s) where id > %(after)s order by id limit %(limit)s",
        {"cutoff": cutoff, "after": after, "limit": limit},
    )
    return [row[0] for row in await cursor.fetchall()]


async def close_session(connection: Connection, session: int, cutoff: datetime) -> bool:
    """False if somebody has pushed to it meanwhile."""
    is_closed: bool = await fetch_value(
        connection, "select app.close_session(%(id)s, %(cutoff)s)", {"id": session, "cutoff": cutoff}
    )
    return is_closed


async def list_tables(connection: Connection) -> list[Table]:
    """The largest first."""
    return await fetch_all(connection, Table, "select * from app.table_statistics()")


async def list_indexes(connection: Connection) -> list[Index]:
    """The largest first."""
    return await fetch_all(connection, Index, "select * from app.index_statistics()")


async def vacuum(connection: Connection, table: str) -> None:
    """Outside of a transaction. Raises psycopg.Error."""
    schema, _, name = table.partition(".")
    await connection.execute(sql.SQL("vacuum (analyze) {}").format(sql.Identifier(schema, name)))


async def read_report(connection: Connection) -> MaintenanceReport:
    document = await fetch_value(connection, "select app.maintenance_report()")
    return msgspec.convert(document, MaintenanceReport)


async def list_retention(connection: Connection) -> list[Setting]:
    return await fetch_all(connection, Setting, "select * from app.retention_effects()")


async def set_retention(connection: Connection, name: str, days: int) -> None:
    """For the database's owner."""
    await execute(connection, "select app.set_retention(%(name)s, %(days)s)", {"name": name, "days": days})


async def read_retention(connection: Connection, name: str) -> int:
    """Days."""
    days: int = await fetch_value(connection, "select days from app.retention where name = %(name)s", {"name": name})
    return days
