"""Stored readings by columns, and their JSON, which is written here in a third of the time that PostgreSQL needs."""

import json
from datetime import datetime
from functools import lru_cache
from itertools import repeat
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from koodtx.readings.blocks import Integers
from koodtx.readings.column_rules import COLUMNS
from koodtx.readings.pg_binary import unpack_doubles, unpack_times

_MAX_EXACT_INTEGER = 2.0**53
_WORTH_STEPS = 3
_encoder = msgspec.json.Encoder()


class _Item(Struct, gc=False):
    """A reading as clients read it."""

    sensor_type: str
    timestamp: float
    data: Any


class PackedColumns(Struct, kw_only=True):
    """Readings of one sensor type in the order of time, each column packed; None: no reading has a number there.

    `last_at`: the time of the last one; None: there are none.
    """

    readings: int
    last_at: datetime | None
    recorded_at: bytes | None
    x: bytes | None
    y: bytes | None
    z: bytes | None
    value: bytes | None
    latitude: bytes | None
    longitude: bytes | None
    altitude: bytes | None
    accuracy: bytes | None
    speed: bytes | None
    bearing: bytes | None

    def used(self) -> dict[str, bytes]:
        """The columns that hold something."""
        columns = {name: getattr(self, name) for name in COLUMNS}
        return {name: packed for name, packed in columns.items() if packed is not None}


class Columns(PackedColumns, kw_only=True):
    """Columns without what has no place in them. `extras`: how many readings have something in no column."""

    sensor_type: str
    value_key: str | None
    extras: int

    @property
    def is_dense(self) -> bool:
        """Whether all readings have numbers in the same columns and nothing else, so that `json` can write them."""
        is_plain_key = json.dumps(self._key("value"), ensure_ascii=False) == f'"{self._key("value")}"'
        lengths = {len(packed) for packed in self.used().values()}
        return is_plain_key and self.extras == 0 and lengths <= {8 * self.readings}

    def _key(self, column: str) -> str:
        """An undecided sensor type has nothing in the column `value`."""
        return self.value_key if column == "value" and self.value_key is not None else column

    def json(self) -> bytes:
        """The inside of a JSON array."""
        used = self.used()
        keys = tuple(self._key(name) for name in used)
        # No column at all: each `data` is empty, and there is nothing to say how many.
        contents = map(_data_type(keys), *map(_numbers, used.values())) if used else repeat(_data_type(keys)())
        items = map(_Item, repeat(self.sensor_type), _milliseconds(self.recorded_at or b""), contents)
        return _encoder.encode(list(items))[1:-1]

    def block_json(self) -> bytes:
        """All readings as one block of columns."""
        block = {
            "sensor_type": self.sensor_type,
            "timestamps": _timestamps(unpack_times(self.recorded_at or b"")),
            "data": {self._key(name): _numbers(packed) for name, packed in self.used().items()},
        }
        return _encoder.encode(block)


@lru_cache(maxsize=256)
def _data_type(keys: tuple[str, ...]) -> Any:
    """A struct whose members are these keys: written twice as fast as a dict."""
    names = [f"member{number}" for number in range(len(keys))]
    fields = [(name, float) for name in names]
    return msgspec.defstruct("Data", fields, rename=dict(zip(names, keys, strict=True)), gc=False)


def _timestamps(micros: Integers) -> dict[str, Any] | list[float]:
    """The times of a block in the form that takes the fewest bytes."""
    if len(micros) < _WORTH_STEPS:
        return _in_milliseconds(micros)
    start = _in_milliseconds(micros[:1])[0]
    steps = np.diff(micros)
    step = int(steps[0]) / 1000
    if (np.rint((start + np.arange(len(micros)) * step) * 1000) == micros).all():
        return {"start": start, "step": step, "count": len(micros)}
    return {"start": start, "steps_us": steps.tolist()}


def _milliseconds(packed: bytes) -> list[float]:
    """Whole ones as integers, as most clients write them."""
    return _in_milliseconds(unpack_times(packed))


def _in_milliseconds(micros: Integers) -> list[float]:
    milliseconds: list[float] = (micros / 1000).tolist()
    for index in np.flatnonzero(micros % 1000 == 0).tolist():
        milliseconds[index] = int(milliseconds[index])
    return milliseconds


def _numbers(packed: bytes) -> list[float]:
    """As integers if they all can be: a phone that counts steps need not read 5.0."""
    numbers = unpack_doubles(packed)
    is_minus_zero = np.signbit(numbers) & (numbers == 0)
    is_whole = (np.trunc(numbers) == numbers) & (np.abs(numbers) <= _MAX_EXACT_INTEGER) & ~is_minus_zero
    found: list[float] = numbers.astype(np.int64).tolist() if is_whole.all() else numbers.tolist()
    return found
