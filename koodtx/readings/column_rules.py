"""Which values of a reading go to columns, and which stay in `extra`.

A column holds a number that a double holds exactly and that no statistic can overflow on; anything else
stays in `extra`, is pulled back equal, and is in no statistic.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np

from koodtx.readings.blocks import Doubles

COLUMNS = ("x", "y", "z", "value", "latitude", "longitude", "altitude", "accuracy", "speed", "bearing")

_NUMERIC = {int, float}
_MAX_BYTES = 4096
_MAX_DEPTH = 8
# Above 2**53 integers are no longer exact, and PostgreSQL writes some doubles with other digits than were sent.
# Measured: one 1e200 of one user overflows the sum of squares and stops every user's rollups.
_SMALLEST, _LARGEST = 1e-100, 2.0**53
# 100,000 keys of one value each may be in one push.
_WORTH_AN_ARRAY = 16
_LIMITS = {"latitude": 90.0, "longitude": 180.0}

_encoder = msgspec.json.Encoder(decimal_format="number")


class UnfitData(Exception):
    """`data` cannot be stored: a code and a message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def column_of(key: str, value_key: str | None) -> str | None:
    """The column of a key; None when it has none."""
    if key == value_key:
        return "value"
    return key if key in COLUMNS and key != "value" else None


def numbers(values: Sequence[Any], column: str) -> Doubles:
    """The values as the column holds them; NaN where it cannot hold one exactly."""
    if set(map(type, values)) <= _NUMERIC:
        array = _doubles(values)
        sizes = np.abs(array)
        if _all_within(sizes, _LIMITS.get(column, _LARGEST)):
            return array
    return np.array([float(value) if _fits(value, column) else np.nan for value in values], np.float64)


def count_numbers(values: Sequence[Any], column: str) -> int:
    """How many of the values the column holds."""
    if len(values) < _WORTH_AN_ARRAY:
        return sum(_fits(value, column) for value in values)
    return int(np.count_nonzero(~np.isnan(numbers(values, column))))


def is_number(value: Any) -> bool:
    return type(value) in _NUMERIC


def _doubles(values: Sequence[Any]) -> Doubles:
    try:
        return np.array(values, np.float64)
    except OverflowError:
        return np.full(len(values), np.inf)


def _all_within(sizes: Doubles, limit: float) -> bool:
    """Whether all are surely held exactly. An integer beyond the limit may have become the limit itself."""
    largest = sizes.max(initial=0)
    is_below = largest < limit or (largest == limit and limit < _LARGEST)
    return bool(is_below and not ((sizes < _SMALLEST) & (sizes != 0)).any())


def _fits(value: Any, column: str) -> bool:
    """Whether the column holds the value exactly."""
    if not is_number(value):
        return False
    return bool(value == 0 or _SMALLEST <= abs(value) <= _LIMITS.get(column, _LARGEST))


def encode_extra(extra: dict[str, Any]) -> bytes:
    """`extra` as JSON that jsonb takes and gives back equal. Raises UnfitData."""
    size = _check(extra, 1)
    encoded = _encoder.encode(extra)
    if max(len(encoded), size) > _MAX_BYTES:
        raise UnfitData("data_too_large", f"data has more than {_MAX_BYTES} bytes")
    return encoded


def _check(value: Any, depth: int) -> int:
    """The bytes that jsonb's own writing of the numbers in `value` takes. Raises UnfitData for what it cannot hold."""
    if isinstance(value, dict | list) and depth > _MAX_DEPTH:
        raise UnfitData("data_too_deep", f"data is nested more than {_MAX_DEPTH} levels deep")
    if isinstance(value, dict):
        return sum(_check(key, depth) + _check(item, depth + 1) for key, item in value.items())
    if isinstance(value, list):
        return sum(_check(item, depth + 1) for item in value)
    if isinstance(value, str):
        if "\0" in value:
            raise UnfitData("invalid_data", "data has a NUL character")
        return len(value)
    return _written_length(value) if isinstance(value, float | Decimal) else 8


def _written_length(number: float | Decimal) -> int:
    """jsonb writes numbers without exponent: 1e300 has 301 digits."""
    exponent = Decimal(number).adjusted()
    if not -324 <= exponent <= 308:
        raise UnfitData("invalid_data", "data has a number outside the range of a double")
    return abs(exponent) + 20
