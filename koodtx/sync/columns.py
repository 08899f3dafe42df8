"""Stored readings by columns, and their JSON, which is written here in a third of the time that PostgreSQL needs."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import repeat
from typing import Any

import msgspec
from msgspec import Struct

from koodtx.sync.messages import SensorDataItem
from koodtx.sync.packed import pack_doubles, unpack_doubles, unpack_times
from koodtx.sync.values import COLUMNS

_MAX_EXACT_INTEGER = 2**53
_MINUS_ZERO = pack_doubles([-0.0])
_encoder = msgspec.json.Encoder()


class Columns(Struct):
    """Readings of one sensor type in the order of time, each column packed; None: no reading has a number there.

    `extras`: how many have something in no column. `last_at`: the time of the last one.
    """

    sensor_type: str
    value_key: str
    readings: int
    extras: int
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

    @property
    def is_even(self) -> bool:
        """Whether all readings have numbers in the same columns and nothing else, so that `json` can write them."""
        is_plain_key = json.dumps(self.value_key, ensure_ascii=False) == f'"{self.value_key}"'
        lengths = {len(packed) for packed in self.used().values()}
        return is_plain_key and self.extras == 0 and lengths <= {8 * self.readings}

    def json(self) -> bytes:
        """The inside of a JSON array."""
        used = self.used()
        keys = tuple(self.value_key if name == "value" else name for name in used)
        # No column at all: each `data` is empty, and there is nothing to say how many.
        datas = map(_data_type(keys), *map(_numbers, used.values())) if used else repeat(_data_type(keys)())
        items = map(SensorDataItem, repeat(self.sensor_type), _milliseconds(self.recorded_at or b""), datas)
        return _encoder.encode(list(items))[1:-1]


@lru_cache(maxsize=256)
def _data_type(keys: tuple[str, ...]) -> Any:
    """A struct whose members are these keys: written twice as fast as a dict."""
    names = [f"member{number}" for number in range(len(keys))]
    fields = [(name, float) for name in names]
    return msgspec.defstruct("Data", fields, rename=dict(zip(names, keys, strict=True)), gc=False)


def _milliseconds(packed: bytes) -> list[float]:
    """Whole ones as integers, as most clients write them."""
    return [micros // 1000 if micros % 1000 == 0 else micros / 1000 for micros in unpack_times(packed)]


def _numbers(packed: bytes) -> Sequence[float]:
    """As integers if they all can be: a phone that counts steps need not read 5.0."""
    numbers = unpack_doubles(packed)
    if not all(map(float.is_integer, numbers)) or max(map(abs, numbers)) > _MAX_EXACT_INTEGER or _MINUS_ZERO in packed:
        return numbers
    return list(map(int, numbers))
