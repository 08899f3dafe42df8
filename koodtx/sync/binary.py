"""Blocks of readings in PostgreSQL's binary formats, packed by whole columns: rows for COPY, arrays for a call.

https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"; arrays as array_recv reads them.
Times are microseconds since 2000.
"""

import struct
from collections.abc import Iterator, Sequence
from itertools import repeat

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

from koodtx.sync.packed import POSTGRES_EPOCH_MICROS, pack_doubles, pack_times
from koodtx.sync.readings import Batch, Block
from koodtx.sync.values import COLUMNS

_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_TRAILER = struct.pack(">h", -1)
_ROW_HEAD = struct.Struct(">hiqiiiq")
_NULL = struct.pack(">i", -1)
_EMPTY_NUMBER = struct.pack(">iq", 8, 0)


def copy_columns(batch: Batch) -> list[str]:
    """The columns of app.sensor_data that the batch fills; the others are NULL."""
    used = {name for block in batch.blocks for name in block.columns}
    used |= {"extra" for block in batch.blocks if block.extra is not None}
    return ["recording_id", "sensor_type_id", "recorded_at", *(name for name in (*COLUMNS, "extra") if name in used)]


def copy_chunks(batch: Batch, recording_id: int) -> Iterator[bytes | bytearray]:
    """The batch as a binary COPY of its `copy_columns`, a chunk a block."""
    names = copy_columns(batch)[3:]
    yield _COPY_HEADER
    for block in batch.blocks:
        yield (
            _even_rows(block, recording_id, names)
            if block.is_even
            else b"".join(_mixed_rows(block, recording_id, names))
        )
    yield _COPY_TRAILER


def _even_rows(block: Block, recording_id: int, names: list[str]) -> bytearray:
    """Every row has the same columns, so a number of a column stands at the same place in each."""
    row = _ROW_HEAD.pack(3 + len(names), 8, recording_id, 4, block.sensor_type_id, 8, 0)
    columns = {len(row) - 8: pack_times(block.micros)}
    for name in names:
        values = block.columns.get(name)
        row += _NULL if values is None else _EMPTY_NUMBER
        if values is not None:
            columns[len(row) - 8] = pack_doubles(values)
    rows = bytearray(row * len(block.micros))
    for offset, packed in columns.items():
        _spread(packed, rows, offset, len(row))
    return rows


def _spread(packed: bytes, rows: bytearray, offset: int, width: int) -> None:
    """Numbers of eight bytes, one into each row: byte by byte of all numbers at once, which no loop is needed for."""
    for byte in range(8):
        rows[offset + byte :: width] = packed[byte::8]


def _mixed_rows(block: Block, recording_id: int, names: list[str]) -> Iterator[bytes]:
    number = struct.Struct(">id")
    for index, micros in enumerate(block.micros):
        yield _ROW_HEAD.pack(
            3 + len(names), 8, recording_id, 4, block.sensor_type_id, 8, micros - POSTGRES_EPOCH_MICROS
        )
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
    return IntegerArray(
        _array_head(len(values), False, 23) + b"".join(map(struct.Struct(">ii").pack, repeat(4), values))
    )


def timestamp_array(micros: Sequence[int]) -> TimestampArray:
    """Of epoch microseconds."""
    return TimestampArray(_array_head(len(micros), False, 1184) + _elements(pack_times(micros)))


def double_array(values: Sequence[float | None]) -> DoubleArray:
    head = _array_head(len(values), None in values, 701)
    if None not in values:
        return DoubleArray(head + _elements(pack_doubles(values)))
    number = struct.Struct(">id")
    return DoubleArray(head + b"".join(_NULL if value is None else number.pack(8, value) for value in values))


def _array_head(size: int, has_null: bool, element_oid: int) -> bytes:
    """One dimension from 1 on; each element is its length and its bytes, NULL a length of -1."""
    return struct.pack(">5i", 1, int(has_null), element_oid, size, 1)


def _elements(packed: bytes) -> bytearray:
    elements = bytearray(_EMPTY_NUMBER * (len(packed) // 8))
    _spread(packed, elements, 4, 12)
    return elements


class _Packed(Dumper):
    """Bytes that already are what PostgreSQL reads."""

    format = Format.BINARY

    def dump(self, obj: bytes) -> bytes:
        return obj


# psycopg's own way, element by element, takes four times as long.
for _type, _oid in ((IntegerArray, 1007), (TimestampArray, 1185), (DoubleArray, 1022)):
    psycopg.adapters.register_dumper(_type, type(_type.__name__ + "Dumper", (_Packed,), {"oid": _oid}))
