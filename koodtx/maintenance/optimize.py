"""Vacuum and analyze, and statistics of tables and indexes afterwards."""

from datetime import timedelta

import psycopg

from koodtx.maintenance import store
from koodtx.maintenance.run import Details, Work
from koodtx.maintenance.store import Freed, Index, Table

_VACUUM_LIMIT = timedelta(hours=1)
# For a table that something else vacuums or alters just now: the others go on.
_WAIT_LIMIT = timedelta(seconds=5)
# An index is worth a word when a megabyte could be saved; a bloated one, when a new one would be half as large.
_BLOATED = 2
_WORTH_BYTES = 1_000_000


async def optimize(work: Work) -> Details:
    """Vacuums and analyzes every table of KooDTX that the caller may vacuum. A dry run only reports."""
    connection = work.connection
    tables = await store.list_tables(connection)
    done: dict[str, str | None] = {}
    if not work.run.is_dry_run:
        await store.limit_statements(connection, _VACUUM_LIMIT)
        await store.limit_waits(connection, _WAIT_LIMIT)
        for number, table in enumerate(tables):
            await work.report(number, len(tables), f"vacuuming {table.name}")
            done[table.name] = await _vacuum(work, table)
    after = {table.name: table for table in await store.list_tables(connection)}
    freed = sum(max(0, table.byte_count - after[table.name].byte_count) for table in tables)
    await store.advance_run(connection, work.run, Freed(0, freed))
    indexes = await store.list_indexes(connection)
    return {
        "tables": [_told(table, after[table.name], done.get(table.name)) for table in tables],
        "not_vacuumed": {name: why for name, why in done.items() if why},
        "unused_indexes": [_index(index) for index in indexes if _is_unused(index)],
        "bloated_indexes": [_index(index) for index in indexes if _is_bloated(index)],
    }


async def _vacuum(work: Work, table: Table) -> str | None:
    """Why it was not done; None: it was."""
    if not table.may_vacuum:
        return "only the table's owner may, or from PostgreSQL 17 on who was granted maintain"
    try:
        await store.vacuum(work.connection, table.name)
    except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled) as error:
        return str(error).strip()
    return None


def _told(before: Table, after: Table, why: str | None) -> Details:
    return {
        "name": before.name,
        "rows": after.row_count,
        "dead_rows_before": before.dead_row_count,
        "dead_rows": after.dead_row_count,
        "bytes_before": before.byte_count,
        "bytes": after.byte_count,
        "is_vacuumed": why is None and after.vacuumed_at != before.vacuumed_at,
    }


def _index(index: Index) -> Details:
    return {"name": index.name, "table": index.table_name, "bytes": index.byte_count, "scans": index.scan_count}


def _is_unused(index: Index) -> bool:
    return index.scan_count == 0 and not index.is_unique and index.byte_count > _WORTH_BYTES


def _is_bloated(index: Index) -> bool:
    spare = index.byte_count - index.expected_byte_count
    return spare > _WORTH_BYTES and index.byte_count > _BLOATED * index.expected_byte_count
