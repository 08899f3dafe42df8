"""Decoded readings of one sensor as a block of columns, in the order of time, each time once."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koodtx.readings.blocks import Block, Doubles, Group, Integers, RejectedItem
from koodtx.readings.column_rules import UnfitData, column_of, encode_extra, numbers
from koodtx.readings.sensor_types import SensorType
from koodtx.readings.text_numbers import is_number_text
from koodtx.sync.push.archived import ArchivedRange, times_of, without_archived

Extra = list[bytes | None]


class Arranged(NamedTuple):
    """`block`: None where nothing is left; `duplicates`: readings whose time another one of the block has.

    `texts`: numbers that were sent as text, so that they went to `extra`.
    """

    block: Block | None
    duplicates: int
    rejected: list[RejectedItem]
    texts: int


class _Part(NamedTuple):
    """A group as columns."""

    places: Integers
    micros: Integers
    columns: dict[str, Doubles]
    extra: Extra | None
    texts: int = 0


def columns_of(groups: Iterable[Group], types: dict[str, SensorType]) -> set[str]:
    """The columns that keys of these groups belong to."""
    return {
        column_of(key, types[group.sensor].value_key) or "extra"
        for group in groups
        if group.sensor in types
        for key in group.values
    }


def arrange(groups: Sequence[Group], sensor: SensorType, archived: Sequence[ArchivedRange]) -> Arranged:
    """The groups of one sensor, in which no two have the same place."""
    parts = []
    rejected: list[RejectedItem] = []
    times = times_of(archived)
    for group in groups:
        kept, refused = without_archived(group, times)
        rejected += refused
        part, refused = _as_columns(kept, sensor)
        rejected += refused
        if len(part.places):
            parts.append(part)
    if not parts:
        return Arranged(None, 0, rejected, 0)
    part = parts[0] if len(parts) == 1 else _joined(parts)
    order = _order(part.places, part.micros)
    block = Block(sensor.id, part.micros, part.columns, part.extra) if order is None else _taken(sensor, part, order)
    block.columns = {name: column for name, column in block.columns.items() if not np.isnan(column).all()}
    return Arranged(block, len(part.places) - len(block), rejected, sum(part.texts for part in parts))


def _as_columns(group: Group, sensor: SensorType) -> tuple[_Part, list[RejectedItem]]:
    """What no column holds goes to `extra`; a reading whose `extra` cannot be stored is refused."""
    columns: dict[str, Doubles] = {}
    left: dict[str, NDArray[np.bool_]] = {}
    for key, values in group.values.items():
        column = column_of(key, sensor.value_key)
        if column is None:
            left[key] = np.ones(len(values), np.bool_)
        else:
            columns[column] = numbers(values, column)
            is_left = np.isnan(columns[column])
            if is_left.any():
                left[key] = is_left
    part = _Part(group.places, group.micros.astype(np.int64), columns, None)
    return (part, []) if not left else _with_extra(part, group, left)


def _with_extra(part: _Part, group: Group, left: dict[str, NDArray[np.bool_]]) -> tuple[_Part, list[RejectedItem]]:
    extra: Extra = []
    rejected = []
    is_kept = np.ones(len(group.places), np.bool_)
    texts = 0
    for index, place in enumerate(group.places.tolist()):
        data = {key: group.values[key][index] for key, is_left in left.items() if is_left[index]}
        try:
            extra.append(encode_extra(data) if data else None)
            texts += sum(map(is_number_text, data.values()))
        except UnfitData as error:
            is_kept[index] = False
            rejected.append(RejectedItem(place, error.code, str(error)))
    columns = {name: column[is_kept] for name, column in part.columns.items()}
    return _Part(part.places[is_kept], part.micros[is_kept], columns, extra, texts), rejected


def _joined(parts: list[_Part]) -> _Part:
    """Parts with different columns, one after another; NaN where a part has no such column."""
    names = {name: None for part in parts for name in part.columns}
    return _Part(
        np.concatenate([part.places for part in parts]),
        np.concatenate([part.micros for part in parts]),
        {
            name: np.concatenate([part.columns.get(name, np.full(len(part.places), np.nan)) for part in parts])
            for name in names
        },
        [text for part in parts for text in part.extra or [None] * len(part.places)]
        if any(part.extra for part in parts)
        else None,
    )


def _order(places: Integers, micros: Integers) -> Integers | None:
    """The indexes in the order of time, of equal times the one sent last; None: they are in this order already."""
    if (micros[1:] > micros[:-1]).all():
        return None
    order = np.lexsort((places, micros))
    ordered = micros[order]
    is_last = np.append(ordered[1:] != ordered[:-1], True)
    found: Integers = order[is_last]
    return found


def _taken(sensor: SensorType, part: _Part, order: Integers) -> Block:
    columns = {name: column[order] for name, column in part.columns.items()}
    extra = None if part.extra is None else [part.extra[index] for index in order.tolist()]
    return Block(sensor.id, part.micros[order], columns, extra if extra and any(extra) else None)
