"""Writing the readings of a push, and which of them that changed."""

from datetime import datetime
from typing import LiteralString

from msgspec import Struct
from psycopg import sql

from koodtx.database.query import Connection, fetch_all
from koodtx.sync.binary import copy_chunks, copy_columns, double_array, integer_array, timestamp_array
from koodtx.sync.packed import pack_doubles, pack_times
from koodtx.sync.readings import Batch, Block
from koodtx.sync.slices import Range, readings_columns
from koodtx.sync.times import from_micros
from koodtx.sync.values import COLUMNS


class Change(Struct):
    """Readings of one sensor type that a push inserted or updated, and the times between which they lie."""

    sensor_type_id: int
    inserted: int
    updated: int
    from_at: datetime
    to_at: datetime


async def write_readings(connection: Connection, recording_id: int, batch: Batch, *, is_fresh: bool) -> list[Change]:
    """Writes readings of a session that the caller has locked. `is_fresh`: none was ever written in their times."""
    if not is_fresh:
        unlike = [block for block in batch.blocks if not await _is_stored(connection, recording_id, block)]
        batch = Batch(unlike, duplicates=0)
    if not batch.blocks:
        return []
    write = copy_readings if is_fresh else upsert_readings
    return await write(connection, recording_id, batch)


async def _is_stored(connection: Connection, recording_id: int, block: Block) -> bool:
    """Whether the stored readings of these times are the block's, byte by byte: found out faster than by a join.

    If not, the upsert tells in what they differ.
    """
    if not block.is_even:
        return False
    span = Range(block.sensor_type_id, from_micros(block.micros[0]), from_micros(block.micros[-1]))
    stored = await readings_columns(connection, recording_id, span, len(block.micros) + 1)
    return (
        stored.extras == 0
        and stored.recorded_at == pack_times(block.micros)
        and stored.used() == {name: pack_doubles(values) for name, values in block.columns.items()}
    )


async def copy_readings(connection: Connection, recording_id: int, batch: Batch) -> list[Change]:
    """Writes readings where there are none yet: 2.4 times faster than an upsert."""
    columns = sql.SQL(", ").join(map(sql.Identifier, copy_columns(batch)))
    statement = sql.SQL("copy app.sensor_data ({}) from stdin (format binary)").format(columns)
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for chunk in copy_chunks(batch, recording_id):
            await copy.write(chunk)
    counts: dict[int, int] = {}
    for block in batch.blocks:
        counts[block.sensor_type_id] = counts.get(block.sensor_type_id, 0) + len(block.micros)
    return [
        Change(sensor, counts[sensor], 0, from_micros(low), from_micros(high))
        for sensor, (low, high) in batch.ranges().items()
    ]


async def upsert_readings(connection: Connection, recording_id: int, batch: Batch) -> list[Change]:
    """Writes readings where there may be some: new ones inserted, different ones replaced, equal ones left alone."""
    blocks = batch.blocks
    used = {name for block in blocks for name in block.columns}
    has_extra = any(block.extra for block in blocks)
    ranges = batch.ranges()
    parameters = {
        "recording_id": recording_id,
        "from": from_micros(min(low for low, _ in ranges.values())),
        "to": from_micros(max(high for _, high in ranges.values())),
        "types": integer_array([block.sensor_type_id for block in blocks for _ in block.micros]),
        "recorded_at": timestamp_array([micros for block in blocks for micros in block.micros]),
        "extra": [text for block in blocks for text in _extra_texts(block)] if has_extra else None,
    }
    # NULL for a column that no reading has: `unnest` makes NULLs of it.
    for name in COLUMNS:
        parameters[name] = double_array([v for block in blocks for v in _column(block, name)]) if name in used else None
    return await fetch_all(connection, Change, _UPSERT, parameters, prepare=False)


def _column(block: Block, name: str) -> list[float | None]:
    return block.columns.get(name) or [None] * len(block.micros)


def _extra_texts(block: Block) -> list[str | None]:
    return [extra if extra is None else extra.decode() for extra in block.extra or [None] * len(block.micros)]


_UPSERT: LiteralString = """
select * from app.upsert_readings(
    %(recording_id)s, %(from)s, %(to)s, %(types)b, %(recorded_at)b,
    %(x)b, %(y)b, %(z)b, %(value)b, %(latitude)b, %(longitude)b, %(altitude)b, %(accuracy)b, %(speed)b, %(bearing)b,
    %(extra)s::text[]::jsonb[]
)
"""
