"""Blocks of readings in PostgreSQL's binary formats, packed by whole columns: rows for COPY, arrays for a call.

https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"; arrays as array_recv reads them.
Times are microseconds since 2000.
"""

import struct
from collections.abc import Iterator, Sequence
from itertools import chain, repeat, starmap

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

from koodtx.sync.readings import Batch, Block
from koodtx.sync.values import COLUMNS

_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_TRAILER = struct.pack(">h", -1)
_POSTGRES_EPOCH_MICROS = 946_684_800_000_000
_NULL = struct.pack(">i", -1)


def copy_columns(batch: Batch) -> list[str]:
    """The columns of app.sensor_data that the batch fills; the others are NULL."""
    used = {name for block in batch.blocks for name in block.columns}
    used |= {"extra" for block in batch.blocks if block.extra is not None}
    return ["session_id", "sensor_type_id", "recorded_at", *(name for name in (*COLUMNS, "extra") if name in used)]


def copy_chunks(batch: Batch, session_id: int) -> Iterator[bytes]:
    """The batch as a binary COPY of its `copy_columns`, a chunk a block."""
    names = copy_columns(batch)[3:]
    yield _COPY_HEADER
    for block in batch.blocks:
        is_uniform = block.extra is None and not any(None in values for values in block.columns.values())
        rows = _uniform_rows if is_uniform else _mixed_rows
        yield b"".join(rows(block, session_id, names))
    yield _COPY_TRAILER


def _uniform_rows(block: Block, session_id: int, names: list[str]) -> Iterator[bytes]:
    """Every row has the same columns: one struct packs them all."""
    layout = ">h" + "iq" + "ii" + "iq"
    fields: list[object] = [repeat(3 + len(names)), repeat(8), repeat(session_id)]
    fields += [repeat(4), repeat(block.sensor_type_id), repeat(8), _postgres_micros(block.micros)]
    for name in names:
        values = block.columns.get(name)
        layout += "i" if values is None else "id"
        fields += [repeat(-1)] if values is None else [repeat(8), values]
    # Not strict: the constants repeat for ever.
    return starmap(struct.Struct(layout).pack, zip(*fields, strict=False))


def _mixed_rows(block: Block, session_id: int, names: list[str]) -> Iterator[bytes]:
    head = struct.Struct(">hiqiiiq")
    number = struct.Struct(">id")
    for index, micros in enumerate(_postgres_micros(block.micros)):
        yield head.pack(3 + len(names), 8, session_id, 4, block.sensor_type_id, 8, micros)
        for name in names:
            values = block.extra if name == "extra" else block.columns.get(name)
            value = None if values is None else values[index]
            if isinstance(value, bytes):
                # jsonb's binary form is a version byte, 1, and the text.
                yield struct.pack(">ib", len(value) + 1, 1) + value
            else:
                yield _NULL if value is None else number.pack(8, value)


class IntegerArray(bytes):
    """integer[]"""


class TimestampArray(bytes):
    """timestamptz[]"""


class DoubleArray(bytes):
    """double precision[]"""


def integer_array(values: Sequence[int]) -> IntegerArray:
    return IntegerArray(_array(values, "i", 4, 23))


def timestamp_array(micros: Sequence[int]) -> TimestampArray:
    """Of epoch microseconds."""
    return TimestampArray(_array(_postgres_micros(micros), "q", 8, 1184))


def double_array(values: Sequence[float | None]) -> DoubleArray:
    return DoubleArray(_array(values, "d", 8, 701))


def _array(values: Sequence[float | None], code: str, size: int, element_oid: int) -> bytes:
    """One dimension from 1 on; each element is its length and its bytes, NULL a length of -1."""
    head = struct.pack(">5i", 1, int(None in values), element_oid, len(values), 1)
    if None not in values:
        elements = chain.from_iterable(zip(repeat(size), values, strict=False))
        return head + struct.pack(">" + ("i" + code) * len(values), *elements)
    element = struct.Struct(">i" + code)
    return head + b"".join(_NULL if value is None else element.pack(size, value) for value in values)


def _postgres_micros(micros: Sequence[int]) -> list[int]:
    return [value - _POSTGRES_EPOCH_MICROS for value in micros]


class _Packed(Dumper):
    """Bytes that already are what PostgreSQL reads."""

    format = Format.BINARY

    def dump(self, obj: bytes) -> bytes:
        return obj


# psycopg's own way, element by element, takes four times as long.
for _type, _oid in ((IntegerArray, 1007), (TimestampArray, 1185), (DoubleArray, 1022)):
    psycopg.adapters.register_dumper(_type, type(_type.__name__ + "Dumper", (_Packed,), {"oid": _oid}))
