"""From the bytes of a push to blocks of columns: decode, refuse item by item, fold duplicates, split.

The work is done by whole columns, not reading by reading: readings whose `data` has the same keys form a group.
"""

import hashlib
from collections import defaultdict
from operator import lt
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from koodtx.errors import TooLarge
from koodtx.settings import Settings
from koodtx.sync.items import Items, decode_push
from koodtx.sync.messages import PushedSession, RejectedItem
from koodtx.sync.times import bounds_ms
from koodtx.sync.values import UnfitData, all_fit, column_of, encode_extra, fits, value_key_of

_MAX_TYPES = 64


class SensorType(Struct, frozen=True):
    """A sensor type of the database; `value_key` is the key of `data` that travels in the column `value`."""

    name: str
    id: int
    value_key: str


class Group(NamedTuple):
    """Readings of one sensor type whose `data` has the same keys: their places in the push."""

    sensor: str
    keys: tuple[str, ...]
    places: list[int]


class Parsed(Struct):
    """A push, decoded, not yet split into columns."""

    session: PushedSession
    push_id: str | None
    body_hash: bytes
    total: int
    datas: list[dict[str, Any] | None]
    micros: list[int]
    groups: list[Group]
    rejected: list[RejectedItem]

    def data(self, place: int) -> dict[str, Any]:
        data = self.datas[place]
        assert data is not None
        return data

    def reject(self, places: list[int], code: str, message: str) -> None:
        self.rejected += [RejectedItem(place, code, message) for place in places]


class Block(Struct):
    """Readings of one sensor type whose `data` has the same keys. All lists are equally long; None: not in a column."""

    sensor_type_id: int
    micros: list[int]
    columns: dict[str, list[float | None]]
    extra: list[bytes | None] | None

    @property
    def is_even(self) -> bool:
        """Whether all readings have numbers in the same columns and nothing else."""
        return self.extra is None and not any(None in values for values in self.columns.values())

    def keep(self, indexes: list[int]) -> "Block":
        """The readings at `indexes` only."""
        return Block(
            self.sensor_type_id,
            [self.micros[i] for i in indexes],
            {name: [values[i] for i in indexes] for name, values in self.columns.items()},
            None if self.extra is None else [self.extra[i] for i in indexes],
        )


class Batch(Struct):
    """What is to be stored: each key once. `rejected`: all items of the push that are not to be."""

    blocks: list[Block]
    duplicates: int
    rejected: list[RejectedItem] = []

    @property
    def size(self) -> int:
        return sum(len(block.micros) for block in self.blocks)

    def ranges(self) -> dict[int, tuple[int, int]]:
        """First and last time of each sensor type, epoch microseconds."""
        ranges: dict[int, tuple[int, int]] = {}
        for block in self.blocks:
            low, high = ranges.get(block.sensor_type_id, (block.micros[0], block.micros[0]))
            ranges[block.sensor_type_id] = (min(low, min(block.micros)), max(high, max(block.micros)))
        return ranges


def parse(body: bytes, settings: Settings) -> Parsed:
    """Decodes a push. Raises Malformed, msgspec.ValidationError (a wrong session), TooLarge (too many readings)."""
    rejected: list[RejectedItem] = []
    session, push_id, items = decode_push(body, rejected)
    if len(items.datas) > settings.max_push_readings:
        raise TooLarge(f"a push has at most {settings.max_push_readings} readings; this one has {len(items.datas)}")
    micros = _check_times(items, bounds_ms(settings), rejected)
    return Parsed(
        session=session,
        push_id=push_id,
        body_hash=hashlib.sha256(body).digest(),
        total=len(items.datas),
        datas=items.datas,
        micros=micros,
        groups=_group(items, rejected),
        rejected=rejected,
    )


def proposed_types(parsed: Parsed) -> dict[str, str]:
    """The sensor types of a push, each with the value_key it gets if it is new."""
    proposed: dict[str, str] = {}
    for group in parsed.groups:
        if group.sensor not in proposed:
            proposed[group.sensor] = value_key_of(parsed.data(group.places[0]))
    return proposed


def arrange(parsed: Parsed, types: dict[str, SensorType]) -> Batch:
    """Blocks of columns, about in the order of the database's key."""
    parsed = msgspec.structs.replace(parsed, rejected=list(parsed.rejected))
    splits: dict[str, list[tuple[list[int], Block]]] = {}
    for group in parsed.groups:
        if group.sensor in types:
            splits.setdefault(group.sensor, []).append(_split(parsed, group, types[group.sensor]))
        else:
            parsed.reject(group.places, "too_many_types", "you have made as many sensor types as you may")
    blocks = []
    accepted = 0
    for parts in splits.values():
        accepted += sum(len(block.micros) for _, block in parts)
        blocks += _fold_duplicates(parts)
    blocks.sort(key=lambda block: (block.sensor_type_id, block.micros[0]))
    return Batch(blocks, accepted - sum(len(block.micros) for block in blocks), parsed.rejected)


def _check_times(items: Items, bounds: tuple[float, float], rejected: list[RejectedItem]) -> list[int]:
    """Epoch microseconds of each item; the data of items outside the bounds become None."""
    oldest, newest = bounds
    times = items.times
    if times and not (min(times) >= oldest and max(times) <= newest):
        for place, time in enumerate(times):
            if items.datas[place] is not None and not oldest <= time <= newest:
                code, message = (
                    ("future", "lies in the future") if time > newest else ("out_of_range", "is too long ago")
                )
                rejected.append(RejectedItem(place, code, f"timestamp {message}"))
                items.datas[place], times[place] = None, oldest
    return [round(time * 1000) for time in times]


def _group(items: Items, rejected: list[RejectedItem]) -> list[Group]:
    """Places of the items by sensor type and keys; those of too many or unusable types are refused."""
    places: defaultdict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    for place, (sensor, data) in enumerate(zip(items.sensors, items.datas, strict=True)):
        if data is not None:
            places[sensor, tuple(data)].append(place)
    groups = []
    sensors: set[str] = set()
    for (sensor, keys), members in places.items():
        if "\0" in sensor:
            rejected += [RejectedItem(place, "invalid", "sensor_type has a NUL character") for place in members]
        elif sensor not in sensors and len(sensors) == _MAX_TYPES:
            rejected += [RejectedItem(place, "too_many_types", "more than 64 types in one push") for place in members]
        else:
            sensors.add(sensor)
            groups.append(Group(sensor, keys, members))
    return groups


def _split(parsed: Parsed, group: Group, sensor: SensorType) -> tuple[list[int], Block]:
    """A group as a block, with the places of its readings; readings that do not fit anywhere are refused."""
    datas = [parsed.data(place) for place in group.places]
    columns: dict[str, list[float | None]] = {}
    spilled: dict[str, list[float | None]] = {}
    for key in group.keys:
        values = [data[key] for data in datas]
        column = column_of(key, sensor.value_key)
        if column is None:
            spilled[key] = [None] * len(values)
        elif all_fit(values, column):
            columns[column] = values
        else:
            spilled[key] = columns[column] = [value if fits(value, column) else None for value in values]
    block = Block(sensor.id, [parsed.micros[place] for place in group.places], columns, None)
    if not spilled:
        return group.places, block
    block.extra, kept = _extras(parsed, group.places, datas, spilled)
    if len(kept) < len(group.places):
        return [group.places[i] for i in kept], block.keep(kept)
    return group.places, block


def _extras(
    parsed: Parsed, places: list[int], datas: list[dict[str, Any]], spilled: dict[str, list[float | None]]
) -> tuple[list[bytes | None], list[int]]:
    """What no column holds of each reading, as JSON, and the indexes of the readings where that can be stored."""
    extras: list[bytes | None] = []
    kept = []
    for index, data in enumerate(datas):
        extra = {key: data[key] for key, column in spilled.items() if column[index] is None}
        try:
            extras.append(encode_extra(extra) if extra else None)
            kept.append(index)
        except UnfitData as error:
            extras.append(None)
            parsed.reject([places[index]], error.code, str(error))
    return extras, kept


def _fold_duplicates(parts: list[tuple[list[int], Block]]) -> list[Block]:
    """Of readings of one sensor with the same time, the last one sent stays."""
    times = [micros for _, block in parts for micros in block.micros]
    if not all(map(lt, times, times[1:])) and len(set(times)) < len(times):
        last: dict[int, int] = {}
        for places, block in parts:
            for place, micros in zip(places, block.micros, strict=True):
                last[micros] = max(place, last.get(micros, -1))
        parts = [
            (places, block.keep([i for i, place in enumerate(places) if last[block.micros[i]] == place]))
            for places, block in parts
        ]
    return [block for _, block in parts if block.micros]
