"""Blocks of readings in PostgreSQL's binary formats, packed and unpacked by whole columns with numpy.

Rows for COPY: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"; arrays as array_recv reads them.
A field is its length in bytes and its value; a NULL is the length -1 and nothing after it. Times are microseconds
since 2000; all numbers have their most significant byte first.
"""

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.adapt import Dumper
from psycopg.pq import Format

from koodtx.readings.blocks import Block, Doubles, Integers
from koodtx.readings.column_rules import COLUMNS

# PostgreSQL counts microseconds from 2000 on.
_EPOCH_MICROS = 946_684_800_000_000

COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TRAILER = struct.pack(">h", -1)

_KEY = {"recording_id": ">i4", "sensor_type_id": ">i4", "recorded_at": ">i8"}
KEY_COLUMNS = list(_KEY)


def pack_doubles(values: Doubles) -> bytes:
    return values.astype(">f8").tobytes()


def unpack_doubles(packed: bytes) -> Doubles:
    return np.frombuffer(packed, ">f8").astype(np.float64)


def pack_times(micros: Integers) -> bytes:
    """Of epoch microseconds."""
    return (micros - _EPOCH_MICROS).astype(">i8").tobytes()


def unpack_times(packed: bytes) -> Integers:
    """Epoch microseconds."""
    return np.frombuffer(packed, ">i8").astype(np.int64) + _EPOCH_MICROS


def copy_rows(block: Block, recording_id: int, names: set[str]) -> bytes:
    """Rows of a binary COPY of KEY_COLUMNS and then `names`, in the order of COLUMNS, `extra` last."""
    numbers = [name for name in COLUMNS if name in names]
    rows = np.zeros(len(block), _row_type(tuple(numbers), tuple(block.columns), "extra" in names))
    rows["fields"] = len(_KEY) + len(names)
    _fill(rows, "recording_id", np.int32(recording_id))
    _fill(rows, "sensor_type_id", np.int32(block.sensor_type_id))
    _fill(rows, "recorded_at", block.micros - _EPOCH_MICROS)
    for name in numbers:
        if name in block.columns:
            _fill(rows, name, block.columns[name])
        else:
            rows[_length_of(name)] = -1
    if "extra" in names:
        rows[_length_of("extra")] = -1
    nulls = {name: null for name, column in block.columns.items() if (null := np.isnan(column)).any()}
    if block.extra is None and not nulls:
        return rows.tobytes()
    return b"".join(_sparse_rows(rows, nulls, block.extra))


def _row_type(numbers: tuple[str, ...], present: tuple[str, ...], has_extra: bool) -> "np.dtype[Any]":
    fields = [("fields", ">i2")]
    for name, kind in _KEY.items():
        fields += [(_length_of(name), ">i4"), (name, kind)]
    for name in numbers:
        fields += [(_length_of(name), ">i4"), (name, ">f8")] if name in present else [(_length_of(name), ">i4")]
    return np.dtype(fields + ([(_length_of("extra"), ">i4")] if has_extra else []))


def _length_of(name: str) -> str:
    return f"length of {name}"


def _fill(rows: NDArray[Any], name: str, values: Any) -> None:
    rows[_length_of(name)] = rows.dtype[name].itemsize
    rows[name] = values


def _sparse_rows(
    rows: NDArray[Any], nulls: dict[str, NDArray[np.bool_]], extra: list[bytes | None] | None
) -> Iterator[bytes]:
    """The rows without the values of NULLs, each with its `extra` if there are any."""
    packed = rows.view(np.uint8).reshape(len(rows), rows.dtype.itemsize)
    is_kept = np.ones(packed.shape, np.bool_)
    for name, null in nulls.items():
        _leave_out(rows, name, null, is_kept)
    kept = packed[is_kept].tobytes()
    if extra is None:
        yield kept
        return
    begin = 0
    for end, text in zip(np.cumsum(is_kept.sum(axis=1)).tolist(), extra, strict=True):
        # jsonb's binary form is a version byte, 1, and the text.
        yield kept[begin:end] if text is None else kept[begin : end - 4] + struct.pack(">ib", len(text) + 1, 1) + text
        begin = end


def _leave_out(rows: NDArray[Any], name: str, null: NDArray[np.bool_], is_kept: NDArray[np.bool_]) -> None:
    rows[_length_of(name)][null] = -1
    assert rows.dtype.fields is not None
    offset = rows.dtype.fields[name][1]
    is_kept[null, offset : offset + rows.dtype[name].itemsize] = False


class IntegerArray(bytes):
    """integer[]"""


class TimestampArray(bytes):
    """timestamptz[]"""


class DoubleArray(bytes):
    """double precision[]"""


def integer_array(values: Integers) -> IntegerArray:
    return IntegerArray(_array(values, ">i4", 23))


def timestamp_array(micros: Integers) -> TimestampArray:
    """Of epoch microseconds."""
    return TimestampArray(_array(micros - _EPOCH_MICROS, ">i8", 1184))


def double_array(values: Doubles) -> DoubleArray:
    """NaN becomes NULL."""
    return DoubleArray(_array(values, ">f8", 701, np.isnan(values)))


def _array(values: NDArray[Any], kind: str, oid: int, null: NDArray[np.bool_] | None = None) -> bytes:
    """One dimension from 1 on; each element as a field."""
    elements = np.zeros(len(values), [(_length_of("value"), ">i4"), ("value", kind)])
    _fill(elements, "value", values)
    has_null = null is not None and bool(null.any())
    head = struct.pack(">5i", 1, int(has_null), oid, len(values), 1)
    if null is None or not has_null:
        return head + elements.tobytes()
    return head + b"".join(_sparse_rows(elements, {"value": null}, None))


class _Packed(Dumper):
    """Bytes that already are what PostgreSQL reads."""

    format = Format.BINARY

    def dump(self, obj: bytes) -> bytes:
        return obj


# psycopg's own way, element by element, takes four times as long.
for _type, _oid in ((IntegerArray, 1007), (TimestampArray, 1185), (DoubleArray, 1022)):
    psycopg.adapters.register_dumper(_type, type(_type.__name__ + "Dumper", (_Packed,), {"oid": _oid}))
