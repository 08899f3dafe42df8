"""Numbers one after another in PostgreSQL's binary form: eight bytes each, the most significant first."""

import sys
from array import array
from collections.abc import Iterable
from typing import Any, cast

# PostgreSQL counts microseconds from 2000 on.
POSTGRES_EPOCH_MICROS = 946_684_800_000_000


def pack_doubles(values: Iterable[float | None]) -> bytes:
    """Raises TypeError for None."""
    return _swapped(array("d", cast(Iterable[float], values))).tobytes()


def unpack_doubles(packed: bytes) -> "array[float]":
    return _swapped(array("d", packed))


def pack_times(micros: Iterable[int]) -> bytes:
    """Of epoch microseconds."""
    return _swapped(array("q", [value - POSTGRES_EPOCH_MICROS for value in micros])).tobytes()


def unpack_times(packed: bytes) -> list[int]:
    """Epoch microseconds."""
    return [value + POSTGRES_EPOCH_MICROS for value in _swapped(array("q", packed))]


def _swapped(numbers: "array[Any]") -> "array[Any]":
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers
