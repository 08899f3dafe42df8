"""Writing readings, and which of them that changed."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import LiteralString

import numpy as np
from msgspec import Struct
from psycopg import sql

from koodtx.database.query import Connection, fetch_all
from koodtx.readings.blocks import Block, Doubles
from koodtx.readings.column_rules import COLUMNS
from koodtx.readings.pg_binary import (
    COPY_HEADER,
    COPY_TRAILER,
    KEY_COLUMNS,
    copy_rows,
    double_array,
    integer_array,
    pack_doubles,
    pack_times,
    timestamp_array,
)
from koodtx.readings.read import Range, readings_columns
from koodtx.readings.slices import is_short, slices
from koodtx.readings.times import from_micros


class Change(Struct):
    """Readings of one sensor type that were inserted or updated, and the times between which they lie."""

    sensor_type_id: int
    inserted: int
    updated: int
    from_at: datetime
    to_at: datetime


async def write_readings(
    connection: Connection, recording_id: int, blocks: AsyncIterator[Block], columns: set[str], *, has_overlap: bool
) -> list[Change]:
    """Writes readings of a session that the caller has locked, a block per sensor type.

    `columns`: those that blocks will most probably use. `has_overlap`: some may have been written in their times.
    """
    if not has_overlap:
        return await copy_readings(connection, recording_id, blocks, columns)
    unlike = [block async for block in blocks if not await _is_stored(connection, recording_id, block)]
    return await upsert_readings(connection, recording_id, unlike)


async def _is_stored(connection: Connection, recording_id: int, block: Block) -> bool:
    """Whether the stored readings of these times are the block's, byte by byte: found out faster than by a join.

    If not, the upsert finds out which of them differ.
    """
    if not block.is_dense or not is_short(block):
        return False
    stored = await readings_columns(connection, recording_id, _range(block), len(block) + 1)
    return (
        stored.extras == 0
        and stored.recorded_at == pack_times(block.micros)
        and stored.used() == {name: pack_doubles(values) for name, values in block.columns.items()}
    )


async def copy_readings(
    connection: Connection, recording_id: int, blocks: AsyncIterator[Block], columns: set[str]
) -> list[Change]:
    """Writes readings where there are none yet: 2.4 times faster than an upsert.

    While the server stores one block, the next is asked for. Blocks that use other columns come afterwards.
    """
    changes = []
    later: list[Block] = []
    async with connection.cursor() as cursor, cursor.copy(_copy_statement(columns)) as copy:
        await copy.write(COPY_HEADER)
        async for block in blocks:
            if block.used <= columns:
                await copy.write(copy_rows(block, recording_id, columns))
                span = _range(block)
                changes.append(Change(block.sensor_type_id, len(block), 0, span.from_at, span.to_at))
            else:
                later.append(block)
        await copy.write(COPY_TRAILER)
    if later:
        used = set().union(*(block.used for block in later))
        changes += await copy_readings(connection, recording_id, _one_by_one(later), used)
    return changes


def _copy_statement(columns: set[str]) -> sql.Composed:
    names = [*KEY_COLUMNS, *(name for name in (*COLUMNS, "extra") if name in columns)]
    listed = sql.SQL(", ").join(map(sql.Identifier, names))
    return sql.SQL("copy app.sensor_data ({}) from stdin (format binary)").format(listed)


async def _one_by_one(blocks: list[Block]) -> AsyncIterator[Block]:
    for block in blocks:
        yield block


async def upsert_readings(connection: Connection, recording_id: int, blocks: list[Block]) -> list[Change]:
    """Writes readings where there may be some: new ones inserted, different ones replaced, equal ones left alone.

    A statement looks up each reading in every chunk between its first and its last one: a batch of years is written
    four weeks at a time, or its time would grow with the square of its days.
    """
    if not blocks:
        return []
    changes: list[Change] = []
    for part in slices(blocks):
        changes += await _upsert(connection, recording_id, part)
    return _added_up(changes)


def _added_up(changes: list[Change]) -> list[Change]:
    """One change per sensor type."""
    by_type: dict[int, Change] = {}
    for change in changes:
        if (known := by_type.get(change.sensor_type_id)) is None:
            by_type[change.sensor_type_id] = change
        else:
            known.inserted += change.inserted
            known.updated += change.updated
            known.from_at = min(known.from_at, change.from_at)
            known.to_at = max(known.to_at, change.to_at)
    return list(by_type.values())


async def _upsert(connection: Connection, recording_id: int, blocks: list[Block]) -> list[Change]:
    used = set().union(*(block.used for block in blocks))
    parameters = {
        "recording_id": recording_id,
        "from": from_micros(min(int(block.micros[0]) for block in blocks)),
        "to": from_micros(max(int(block.micros[-1]) for block in blocks)),
        "types": integer_array(np.concatenate([np.full(len(block), block.sensor_type_id) for block in blocks])),
        "recorded_at": timestamp_array(np.concatenate([block.micros for block in blocks])),
        "extra": [text for block in blocks for text in _extra_texts(block)] if "extra" in used else None,
    }
    # NULL for a column that no reading has: `unnest` makes NULLs of it.
    for name in COLUMNS:
        columns = [_column(block, name) for block in blocks] if name in used else None
        parameters[name] = None if columns is None else double_array(np.concatenate(columns))
    return await fetch_all(connection, Change, _UPSERT, parameters, prepare=False)


def _range(block: Block) -> Range:
    return Range(block.sensor_type_id, from_micros(int(block.micros[0])), from_micros(int(block.micros[-1])))


def _column(block: Block, name: str) -> Doubles:
    column = block.columns.get(name)
    return np.full(len(block), np.nan) if column is None else column


def _extra_texts(block: Block) -> list[str | None]:
    return [extra if extra is None else extra.decode() for extra in block.extra or [None] * len(block)]


_UPSERT: LiteralString = """
select * from app.upsert_readings(
    %(recording_id)s, %(from)s, %(to)s, %(types)b, %(recorded_at)b,
    %(x)b, %(y)b, %(z)b, %(value)b, %(latitude)b, %(longitude)b, %(altitude)b, %(accuracy)b, %(speed)b, %(bearing)b,
    %(extra)s::text[]::jsonb[]
)
"""
