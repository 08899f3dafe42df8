"""Numbers one after another in PostgreSQL's binary form: eight bytes each, the most significant first."""

import sys
from array import array
from collections.abc import Iterable
from typing import Any

# PostgreSQL counts microseconds from 2000 on.
_EPOCH_MICROS = 946_684_800_000_000


def pack_doubles(values: Iterable[float]) -> bytes:
    return _swapped(array("d", values)).tobytes()


def unpack_doubles(packed: bytes) -> "array[float]":
    return _swapped(array("d", packed))


def pack_times(micros: Iterable[int]) -> bytes:
    """Of epoch microseconds."""
    return _swapped(array("q", [value - _EPOCH_MICROS for value in micros])).tobytes()


def unpack_times(packed: bytes) -> list[int]:
    """Epoch microseconds."""
    return [value + _EPOCH_MICROS for value in _swapped(array("q", packed))]


def _swapped(numbers: "array[Any]") -> "array[Any]":
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers
