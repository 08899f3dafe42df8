"""A push as it was sent, decoded into groups of readings: all items at once, or one by one where that cannot be.

An item of `sensor_data` is a single reading (rows.py) or a block of columns (column_blocks.py).
"""

import hashlib
from collections.abc import Sequence
from operator import attrgetter
from typing import Annotated, NamedTuple

import msgspec
import numpy as np
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from koodtx.errors import FieldError, Invalid, Malformed, TooLarge
from koodtx.json import decode_json, exact_number
from koodtx.readings.blocks import Batch, Group, RejectedItem
from koodtx.readings.times import bounds_ms
from koodtx.sync.messages import ClientId, PushedSession, PushEnvelope, SingleReading
from koodtx.sync.push.column_blocks import InvalidBlock, SentBlock, block_group, count_at_most, read_micros
from koodtx.sync.push.count import count_items
from koodtx.sync.push.rows import SentRows, row_groups

_MAX_TYPES = 64
# A smaller body cannot hold much of anything.
_LARGE_BODY = 65_536
# Values, objects and lists of the session, and of what is not known here.
_MAX_BESIDE_READINGS = 10_000
# A reading is one object, and its data another. Each takes many times the memory of the two bytes it is sent as.
_NESTED_PER_READING = 20
_MAX_NESTED = 1000
# As sent: 4 KB of text, each character escaped, and white space. What has more is refused before it is decoded.
_MAX_DATA = 32_768


class Limits(NamedTuple):
    """Of one push: how many readings, and how old they may be."""

    max_readings: int
    max_age_days: int


class DecodedPush(NamedTuple):
    session: PushedSession
    push_id: str | None
    batch: Batch


class _SentItem(Struct, gc=False):
    """A reading; or a block, if it has `timestamps` and no `timestamp`. What is large is as it was written."""

    sensor_type: Annotated[str, Meta(min_length=1, max_length=64)]
    data: Raw
    timestamp: int | float | UnsetType = UNSET
    timestamps: Raw = Raw(b"")

    @property
    def is_block(self) -> bool:
        return self.timestamp is UNSET and memoryview(self.timestamps).nbytes > 0

    @property
    def fault(self) -> str:
        is_either = self.is_block or self.timestamp is not UNSET
        return "" if is_either else "Object missing required field `timestamp`"


class _AnyItem(Struct):
    timestamp: Raw = Raw(b"")
    timestamps: Raw = Raw(b"")


class _Refused(Struct):
    """An item that is not well-formed; `timestamps`: of a block."""

    fault: str
    timestamps: Raw

    @property
    def is_block(self) -> bool:
        return memoryview(self.timestamps).nbytes > 0


class _Outline(Struct):
    sensor_data: Raw = Raw(b"")


class _SentPush(Struct):
    session: PushedSession
    push_id: ClientId | None = None
    sensor_data: list[_SentItem] = []


_outlines = msgspec.json.Decoder(_Outline)
_pushes = msgspec.json.Decoder(_SentPush)
_envelopes = msgspec.json.Decoder(PushEnvelope)
_raws = msgspec.json.Decoder(list[Raw])
_any_items = msgspec.json.Decoder(_AnyItem)
_items = msgspec.json.Decoder(_SentItem)
_exact_item = msgspec.json.Decoder(SingleReading, float_hook=exact_number)


def decode_push(body: bytes, limits: Limits) -> DecodedPush:
    """Session, push_id and readings; what is wrong about a reading refuses that one.

    Raises Malformed, Invalid (no list), TooLarge (too many readings), msgspec.ValidationError (a wrong session).
    """
    if len(body) > _LARGE_BODY:
        _check_outline(body, limits)
    try:
        push = _pushes.decode(body)
        session, push_id = push.session, push.push_id
        batch = _batch(push.sensor_data, limits, is_checked=False)
    except (UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"the body is not valid JSON: {error}") from error
    except msgspec.DecodeError:
        # An item is wrong, or the session, or all of it: which one is found out slowly.
        envelope = decode_json(body, _envelopes.decode)
        session, push_id = envelope.session, envelope.push_id
        raws = decode_json(bytes(envelope.sensor_data), _decode_list)
        batch = _batch([_decode_item(raw) for raw in raws], limits, is_checked=True)
    batch.fingerprint = hashlib.sha256(body).digest()
    batch.data_bytes = len(body)
    return DecodedPush(session, push_id, batch)


def _check_size(total: int, limits: Limits) -> None:
    if total > limits.max_readings:
        raise TooLarge(f"a push has at most {limits.max_readings} readings; this one has {total} or more")


def _check_outline(body: bytes, limits: Limits) -> None:
    """Raises TooLarge before anything is made of millions of items, or of members of objects and lists."""
    array = bytes(decode_json(body, _outlines.decode).sensor_data)
    commas, nested = array.count(b","), _count_nested(array)
    if body.count(b",") - commas + _count_nested(body) - nested > _MAX_BESIDE_READINGS:
        raise TooLarge(f"session and all else but sensor_data have more than {_MAX_BESIDE_READINGS} values")
    if commas >= limits.max_readings:
        _check_size(count_items(array, limits.max_readings), limits)
    if nested > _MAX_NESTED + _NESTED_PER_READING * limits.max_readings:
        raise TooLarge(f"the readings have more than {_NESTED_PER_READING} objects and lists each")


def _count_nested(text: bytes) -> int:
    """How many objects and lists a text has at most."""
    return text.count(b"{") + text.count(b"[")


def _decode_list(raw: bytes) -> list[Raw]:
    try:
        return _raws.decode(raw)
    except msgspec.ValidationError as error:
        raise Invalid(f"sensor_data: {error}", errors=[FieldError("sensor_data", str(error))]) from error


def _decode_item(raw: Raw) -> _SentItem | _Refused:
    """The item, or what is wrong about it."""
    try:
        item = _items.decode(raw)
        if not item.is_block and len(item.data) <= _MAX_DATA:
            _exact_item.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _Refused(str(error), _block_times(raw))
    return item


def _block_times(raw: Raw) -> Raw:
    """The `timestamps` of a block, however wrong the rest of it is: they say how many readings are refused."""
    try:
        found = _any_items.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Raw(b"")
    return Raw(b"") if memoryview(found.timestamp).nbytes else found.timestamps


def _batch(items: Sequence[_SentItem | _Refused], limits: Limits, *, is_checked: bool) -> Batch:
    """The readings of the items. Raises TooLarge before anything is made of what would be too many."""
    _check_size(len(items), limits)
    rejected: list[RejectedItem] = []
    rows, blocks, total = _in_order(items, rejected, limits)
    groups = row_groups(rows, is_checked=is_checked)
    for block in blocks:
        try:
            groups.append(block_group(block))
        except InvalidBlock as error:
            places = range(block.place, block.place + len(block.micros))
            rejected += [RejectedItem(place, "invalid", str(error)) for place in places]
    groups.sort(key=lambda group: int(group.places[0]) if len(group.places) else total)
    groups = _within_limits(_within_bounds(groups, limits, rejected), rejected)
    return Batch(total, groups, rejected, fingerprint=b"", data_bytes=0)


def _in_order(
    items: Sequence[_SentItem | _Refused], rejected: list[RejectedItem], limits: Limits
) -> tuple[SentRows, list[SentBlock], int]:
    """Single readings, blocks with their times, and how many readings all are; each at its place among them."""
    if (readings := _readings_only(items)) is not None:
        return readings, [], len(items)
    rows, blocks, total = SentRows([], [], [], []), [], 0
    for item in items:
        micros, fault = None, item.fault
        if item.is_block:
            _check_size(total + count_at_most(item.timestamps) - 1, limits)
            try:
                micros = read_micros(item.timestamps)
            except InvalidBlock as error:
                fault = fault or str(error)
        size = 1 if micros is None else len(micros)
        _check_size(total + size, limits)
        if fault or isinstance(item, _Refused):
            rejected += [RejectedItem(place, "invalid", fault) for place in range(total, total + size)]
        elif micros is not None:
            blocks.append(SentBlock(total, item.sensor_type, micros, item.data))
        elif len(item.data) > _MAX_DATA:
            rejected.append(RejectedItem(total, "data_too_large", f"data has more than {_MAX_DATA} bytes"))
        elif not isinstance(item.timestamp, UnsetType):
            rows.add(total, item.sensor_type, item.timestamp, item.data)
        total += size
    return rows, blocks, total


def _readings_only(items: Sequence[_SentItem | _Refused]) -> SentRows | None:
    """The items if all are single readings; else None."""
    if _Refused in set(map(type, items)):
        return None
    times = list(map(attrgetter("timestamp"), items))
    if UnsetType in set(map(type, times)):
        return None
    sensors, contents = (list(map(attrgetter(name), items)) for name in ("sensor_type", "data"))
    if max(map(len, contents), default=0) > _MAX_DATA:
        return None
    return SentRows(range(len(items)), sensors, times, contents)


def _within_bounds(groups: list[Group], limits: Limits, rejected: list[RejectedItem]) -> list[Group]:
    """The groups without the readings whose time is out of bounds, which are refused."""
    oldest, newest = (np.rint(bound * 1000) for bound in bounds_ms(limits.max_age_days))
    kept = []
    for group in groups:
        is_within = (group.micros >= oldest) & (group.micros <= newest)
        if not is_within.all():
            for place, is_late in zip(group.places[~is_within], group.micros[~is_within] > newest, strict=True):
                code, message = ("future", "lies in the future") if is_late else ("out_of_range", "is too long ago")
                rejected.append(RejectedItem(int(place), code, f"timestamp {message}"))
            group = group.keep(is_within)
        if len(group.places):
            kept.append(group)
    return kept


def _within_limits(groups: list[Group], rejected: list[RejectedItem]) -> list[Group]:
    """The groups without those of too many or unusable sensor types, which are refused."""
    kept = []
    sensors: set[str] = set()
    for group in groups:
        if "\0" in group.sensor:
            code, message = "invalid", "sensor_type has a NUL character"
        elif group.sensor not in sensors and len(sensors) == _MAX_TYPES:
            code, message = "too_many_types", f"more than {_MAX_TYPES} types in one push"
        else:
            sensors.add(group.sensor)
            kept.append(group)
            continue
        rejected += [RejectedItem(place, code, message) for place in group.places.tolist()]
    return kept
