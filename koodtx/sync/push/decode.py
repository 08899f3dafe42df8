"""A push as it was sent, decoded into groups of readings: all items at once, or one by one where that cannot be.

An item of `sensor_data` is a single reading (rows.py) or a block of columns (column_blocks.py).
"""

import hashlib
from collections.abc import Sequence
from operator import attrgetter
from typing import Annotated, NamedTuple

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from koodtx.errors import FieldError, Invalid, Malformed, TooLarge
from koodtx.json import decode_json, exact_number, in_json_words
from koodtx.readings.accepted_times import AcceptedTimes, accepted_times, rejections
from koodtx.readings.blocks import Batch, Group, RejectedItem
from koodtx.readings.text_numbers import converted
from koodtx.sync.messages import ClientId, PushedSession, PushEnvelope, ReplacedIds, SingleReading, TextNumbers, Time
from koodtx.sync.push.column_blocks import InvalidBlock, SentBlock, block_group, count_at_most, read_micros
from koodtx.sync.push.count import count_items
from koodtx.sync.push.phone_clock import Arrival, clock_offset_ms
from koodtx.sync.push.rows import SentRows, row_groups

# A smaller body cannot hold much of anything.
_LARGE_BODY = 65_536
# Values, objects and lists of the session, and of what is not known here.
_MAX_BESIDE_READINGS = 10_000
# A reading is one object, and its data another. Each takes many times the memory of the two bytes it is sent as, and
# everybody waits while they are decoded: 0.1 s.
_NESTED_PER_READING = 4
_MAX_NESTED = 1000
# As sent: 4 KB of text, each character escaped, and white space. What has more is refused before it is decoded.
_MAX_DATA = 32_768


class Limits(NamedTuple):
    """Of one push: how many readings, how old they may be, and of how many sensors."""

    max_readings: int
    max_age_days: int
    max_sensors: int


class DecodedPush(NamedTuple):
    session: PushedSession
    push_id: str | None
    replaces: list[str]
    accepted: AcceptedTimes
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
    replaces: ReplacedIds = []
    sent_at: Time | None = None
    sensor_data: list[_SentItem] = []
    text_numbers: TextNumbers = "keep"


_outlines = msgspec.json.Decoder(_Outline)
_pushes = msgspec.json.Decoder(_SentPush)
_envelopes = msgspec.json.Decoder(PushEnvelope)
_raws = msgspec.json.Decoder(list[Raw])
_any_items = msgspec.json.Decoder(_AnyItem)
_items = msgspec.json.Decoder(_SentItem)
_exact_item = msgspec.json.Decoder(SingleReading, float_hook=exact_number)


def decode_push(body: bytes, limits: Limits, arrival: Arrival | None = None) -> DecodedPush:
    """Session, push_id and readings; what is wrong about a reading refuses that one.

    Raises Malformed, Invalid (no list), TooLarge (too many readings), msgspec.ValidationError (a wrong session).
    """
    arrival = arrival or Arrival.now()
    sent: _SentPush | PushEnvelope
    if len(body) > _LARGE_BODY:
        _check_outline(body, limits)
    try:
        sent = push = _pushes.decode(body)
        accepted = _accepted(push, limits, arrival)
        batch = _batch(push.sensor_data, limits, accepted, is_checked=False)
    except (UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"the body is not valid JSON: {error}") from error
    except msgspec.DecodeError:
        # An item is wrong, or the session, or all of it: which one is found out slowly.
        sent = envelope = decode_json(body, _envelopes.decode)
        accepted = _accepted(envelope, limits, arrival)
        _check_count(bytes(envelope.sensor_data), limits)
        raws = decode_json(bytes(envelope.sensor_data), _decode_list)
        batch = _batch([_decode_item(raw) for raw in raws], limits, accepted, is_checked=True)
    if sent.text_numbers == "convert":
        batch.groups = [converted(group) for group in batch.groups]
    batch.fingerprint = hashlib.sha256(body).digest()
    batch.data_bytes = len(body)
    return DecodedPush(sent.session, sent.push_id, sent.replaces, accepted, batch)


def _accepted(push: _SentPush | PushEnvelope, limits: Limits, arrival: Arrival) -> AcceptedTimes:
    offset_ms = clock_offset_ms(push.sent_at, arrival)
    return accepted_times(arrival.received_at, limits.max_age_days, offset_ms)


def _check_size(total: int, limits: Limits) -> None:
    if total > limits.max_readings:
        raise TooLarge(f"a push has at most {limits.max_readings} readings; this one has {total} or more")


def _check_outline(body: bytes, limits: Limits) -> None:
    """Raises TooLarge before anything is made of millions of items, or of members of objects and lists."""
    array = bytes(decode_json(body, _outlines.decode).sensor_data)
    commas, nested = array.count(b","), _count_nested(array)
    if body.count(b",") - commas + _count_nested(body) - nested > _MAX_BESIDE_READINGS:
        raise TooLarge(f"session and all else but sensor_data have more than {_MAX_BESIDE_READINGS} values")
    # Items that are decoded at once all name their sensor: the first that does not ends that.
    if array.count(b'"sensor_type"') > limits.max_readings:
        _check_count(array, limits)
    if nested > (most := _MAX_NESTED + _NESTED_PER_READING * limits.max_readings):
        raise TooLarge(f"the readings have more than {most} objects and lists")


def _check_count(array: bytes, limits: Limits) -> None:
    if array.count(b",") >= limits.max_readings:
        _check_size(count_items(array, limits.max_readings), limits)


def _count_nested(text: bytes) -> int:
    """How many objects and lists a text has at most."""
    return text.count(b"{") + text.count(b"[")


def _decode_list(raw: bytes) -> list[Raw]:
    try:
        return _raws.decode(raw)
    except msgspec.ValidationError as error:
        message = in_json_words(str(error))
        raise Invalid(f"sensor_data: {message}", errors=[FieldError("sensor_data", message)]) from error


def _decode_item(raw: Raw) -> _SentItem | _Refused:
    """The item, or what is wrong about it."""
    try:
        item = _items.decode(raw)
        if not item.is_block and len(item.data) <= _MAX_DATA:
            _exact_item.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _Refused(in_json_words(str(error)), _block_times(raw))
    return item


def _block_times(raw: Raw) -> Raw:
    """The `timestamps` of a block, however wrong the rest of it is: they say how many readings are refused."""
    try:
        found = _any_items.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Raw(b"")
    return Raw(b"") if memoryview(found.timestamp).nbytes else found.timestamps


def _batch(
    items: Sequence[_SentItem | _Refused], limits: Limits, accepted: AcceptedTimes, *, is_checked: bool
) -> Batch:
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
    within = _within_bounds(groups, accepted, rejected)
    is_held = any(item.hold for item in rejected)
    groups = _within_limits(within, limits.max_sensors, rejected)
    return Batch(total, groups, rejected, fingerprint=b"", data_bytes=0, accepted=accepted if is_held else None)


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


def _within_bounds(groups: list[Group], accepted: AcceptedTimes, rejected: list[RejectedItem]) -> list[Group]:
    """The groups without the readings whose time is not accepted, which the client should hold."""
    kept = []
    for group in groups:
        times = group.micros / 1000
        is_within = (times >= accepted.oldest_ms) & (times <= accepted.newest_ms)
        if not is_within.all():
            refused = rejections(times[~is_within], accepted)
            for place, (code, message) in zip(group.places[~is_within].tolist(), refused, strict=True):
                rejected.append(RejectedItem(place, code, f"timestamp {message}", hold=True))
            group = group.keep(is_within)
        if len(group.places):
            kept.append(group)
    return kept


def _within_limits(groups: list[Group], max_sensors: int, rejected: list[RejectedItem]) -> list[Group]:
    """The groups without those of too many or unusable sensor types, which are refused."""
    kept = []
    sensors: set[str] = set()
    for group in groups:
        if "\0" in group.sensor:
            code, message, hold = "invalid", "sensor_type has a NUL character", False
        elif group.sensor not in sensors and len(sensors) == max_sensors:
            code, hold = "too_many_types", True
            message = f"a push has at most {max_sensors} sensors: hold the reading and send it in another push"
        else:
            sensors.add(group.sensor)
            kept.append(group)
            continue
        rejected += [RejectedItem(place, code, message, hold=hold) for place in group.places.tolist()]
    return kept
