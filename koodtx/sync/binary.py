"""Blocks of readings as rows of PostgreSQL's binary COPY format.

https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"; times are microseconds since 2000.
"""

import struct
from collections.abc import Iterator
from itertools import repeat, starmap

from koodtx.sync.readings import Batch, Block
from koodtx.sync.values import COLUMNS

COPY_COLUMNS = ("session_id", "sensor_type_id", "recorded_at", *COLUMNS, "extra")

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = struct.pack(">h", -1)
_POSTGRES_EPOCH_MICROS = 946_684_800_000_000
_NULL = struct.pack(">i", -1)


def copy_chunks(batch: Batch, session_id: int) -> Iterator[bytes]:
    """The batch as a binary COPY of COPY_COLUMNS, a chunk a block."""
    yield _HEADER
    for block in batch.blocks:
        yield b"".join(_rows(block, session_id))
    yield _TRAILER


def _rows(block: Block, session_id: int) -> Iterator[bytes]:
    if block.extra is None and not any(None in values for values in block.columns.values()):
        return _uniform_rows(block, session_id)
    return _mixed_rows(block, session_id)


def _uniform_rows(block: Block, session_id: int) -> Iterator[bytes]:
    """Every row has the same columns: one struct packs them all."""
    layout = ">h" + "iq" + "ii" + "iq"
    fields: list[object] = [repeat(len(COPY_COLUMNS)), repeat(8), repeat(session_id)]
    fields += [repeat(4), repeat(block.sensor_type_id), repeat(8), _postgres_micros(block)]
    for name in (*COLUMNS, "extra"):
        values = block.columns.get(name)
        layout += "i" if values is None else "id"
        fields += [repeat(-1)] if values is None else [repeat(8), values]
    # Not strict: the constants repeat for ever.
    return starmap(struct.Struct(layout).pack, zip(*fields, strict=False))


def _mixed_rows(block: Block, session_id: int) -> Iterator[bytes]:
    head = struct.Struct(">hiqiiiq")
    number = struct.Struct(">id")
    for index, micros in enumerate(_postgres_micros(block)):
        yield head.pack(len(COPY_COLUMNS), 8, session_id, 4, block.sensor_type_id, 8, micros)
        for name in COLUMNS:
            values = block.columns.get(name)
            value = None if values is None else values[index]
            yield _NULL if value is None else number.pack(8, value)
        extra = None if block.extra is None else block.extra[index]
        # jsonb's binary form is a version byte, 1, and the text.
        yield _NULL if extra is None else struct.pack(">ib", len(extra) + 1, 1) + extra


def _postgres_micros(block: Block) -> list[int]:
    return [micros - _POSTGRES_EPOCH_MICROS for micros in block.micros]
