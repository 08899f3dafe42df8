"""Single readings of a push, as columns. Where all of a sensor have the same numbers, no dictionary is made of any."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import compress, count
from operator import attrgetter, itemgetter, ne
from typing import Any, NamedTuple

import msgspec
import numpy as np
from msgspec import Raw

from koodtx.json import exact_number
from koodtx.readings.blocks import Group, Integers
from koodtx.readings.column_rules import is_number
from koodtx.readings.times import ms_to_micros

# A byte that JSON never holds becomes the line feed, after those that lay out JSON are left out.
_BETWEEN = b"\x1e"
_LINES = bytes.maketrans(_BETWEEN, b"\n")
_WHITESPACE = b" \t\r\n"

# Fewer readings, or more keys, are not worth a type of their own.
_WORTH_A_TYPE = 32
_MAX_KEYS = 16

_data = msgspec.json.Decoder(dict[str, Any])
_datas = msgspec.json.Decoder(list[dict[str, Any]])
_exact_data = msgspec.json.Decoder(dict[str, Any], float_hook=exact_number)
_exact_datas = msgspec.json.Decoder(list[dict[str, Any]], float_hook=exact_number)
_encoder = msgspec.json.Encoder()


class SentRows(NamedTuple):
    """Readings: `data` as it was written. `places`: their positions in the push."""

    places: Sequence[int]
    sensors: list[str]
    times: list[int | float]
    contents: list[Raw]

    def add(self, place: int, sensor: str, time: int | float, data: Raw) -> None:
        for column, value in zip(self, (place, sensor, time, data), strict=True):
            column.append(value)  # type: ignore[attr-defined]


class Values(NamedTuple):
    """`data` of readings with the same keys, by key. `indexes`: which readings; None: all."""

    indexes: list[int] | None
    columns: dict[str, list[Any]]


def row_groups(rows: SentRows, *, is_checked: bool) -> list[Group]:
    """The readings by sensor and keys.

    `is_checked`: each `data` is surely an object; else raises msgspec.DecodeError where one is not, or cannot be
    decoded together with others.
    """
    members: defaultdict[str, list[int]] = defaultdict(list)
    for index, sensor in enumerate(rows.sensors):
        members[sensor].append(index)
    micros = ms_to_micros(rows.times)
    places = np.fromiter(rows.places, np.int64, len(rows.places))
    groups = []
    for sensor, indexes in members.items():
        chosen: Integers = np.array(indexes, np.int64)
        raws = [rows.contents[index] for index in indexes]
        for values in _values(_exact_datas.decode(_array(raws))) if is_checked else _values_at_once(raws):
            part = chosen if values.indexes is None else chosen[values.indexes]
            groups.append(Group(sensor, places[part], micros[part], values.columns))
    return groups


def _values_at_once(raws: list[Raw]) -> Iterator[Values]:
    if (columns := _numbers(raws)) is not None:
        yield Values(None, columns)
        return
    contents = _datas.decode(_array(raws))
    for index in _unlike(raws, contents):
        contents[index] = _exact_data.decode(raws[index])
    yield from _values(contents)


def _values(contents: list[dict[str, Any]]) -> Iterator[Values]:
    members: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, data in enumerate(contents):
        members[tuple(data)].append(index)
    for keys, indexes in members.items():
        chosen = [contents[index] for index in indexes]
        yield Values(indexes, {key: list(map(itemgetter(key), chosen)) for key in keys})


def _numbers(raws: list[Raw]) -> dict[str, list[Any]] | None:
    """The columns, if each `data` has the keys of the first and a number for each; else None."""
    first = _data.decode(raws[0]) if len(raws) >= _WORTH_A_TYPE else {}
    if not 0 < len(first) <= _MAX_KEYS or not all(map(is_number, first.values())) or not all(map(_is_plain, first)):
        return None
    names, decoder = _decoder_of(tuple(first))
    try:
        contents = decoder.decode(_array(raws))
    except msgspec.ValidationError:
        return None
    columns = {key: list(map(attrgetter(name), contents)) for key, name in zip(first, names, strict=True)}
    for index in _unlike(raws, contents):
        for key, value in _exact_data.decode(raws[index]).items():
            columns[key][index] = value
    return columns


def _is_plain(key: str) -> bool:
    """Whether JSON writes the key as it is."""
    return json.dumps(key, ensure_ascii=False) == f'"{key}"'


@lru_cache(maxsize=256)
def _decoder_of(keys: tuple[str, ...]) -> tuple[list[str], "msgspec.json.Decoder[Any]"]:
    """Names of the members of a struct with these keys, and the decoder of a list of them."""
    names = [f"member{number}" for number in range(len(keys))]
    fields = [(name, int | float) for name in names]
    rename = dict(zip(names, keys, strict=True))
    kind = msgspec.defstruct("Data", fields, rename=rename, forbid_unknown_fields=True, gc=False)
    return names, msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]


def _array(raws: list[Raw]) -> bytes:
    return b"[" + b",".join(raws) + b"]"


def _unlike(raws: list[Raw], contents: list[Any]) -> Iterator[int]:
    """Indexes of readings whose numbers may be decimals that no double equals.

    Data that gives, written by us, what was sent has lost nothing.
    """
    written = _encoder.encode_lines(contents)
    compact = _BETWEEN.join(raws).translate(_LINES, _WHITESPACE)
    if written[:-1] == compact:
        return iter(())
    return compress(count(), map(ne, compact.split(b"\n"), written.split(b"\n")))
