"""A push as it was sent, decoded: all readings at once, or one by one where that cannot be."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from itertools import compress, count
from operator import itemgetter, ne
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta, Raw, Struct
from numpy.typing import NDArray

from koodtx.errors import FieldError, Invalid, Malformed, TooLarge
from koodtx.json import decode_json
from koodtx.readings.blocks import Batch, Group, Integers, RejectedItem
from koodtx.readings.times import bounds_ms
from koodtx.sync.messages import ClientId, PushedSession, PushEnvelope, SensorDataItem

# A byte that JSON never holds becomes the line feed, after those that lay out JSON are left out.
_BETWEEN = b"\x1e"
_LINES = bytes.maketrans(_BETWEEN, b"\n")
_WHITESPACE = b" \t\r\n"

# Every decimal of so few characters is the shortest one of its double, unless that is too large or too small for one.
_SURELY_EXACT = 15

_MAX_TYPES = 64
_TOO_LATE = ("future", "timestamp lies in the future")
_TOO_EARLY = ("out_of_range", "timestamp is too long ago")


class Limits(NamedTuple):
    """Of one push: how many readings, and how old they may be."""

    max_readings: int
    max_age_days: int


class DecodedPush(NamedTuple):
    session: PushedSession
    push_id: str | None
    batch: Batch


class _SentItem(Struct, gc=False):
    """A SensorDataItem whose `data` is as it was written."""

    sensor_type: Annotated[str, Meta(min_length=1, max_length=64)]
    timestamp: int | float
    data: Raw


class _SentPush(Struct):
    session: PushedSession
    push_id: ClientId | None = None
    sensor_data: list[_SentItem] = []


class _Readings(NamedTuple):
    """Single readings: a sensor, a time and `data` each. `places`: their positions in the push."""

    places: Sequence[int]
    sensors: list[str]
    times: list[int | float]
    datas: list[dict[str, Any]]


def _exact_number(text: str) -> float | Decimal:
    """A double where it is equal to the decimal that was sent, else that decimal."""
    number = float(text)
    if len(text) <= _SURELY_EXACT and 1e-300 < abs(number) < 1e300:
        return number
    written = repr(number)
    return number if written == text or Decimal(written) == Decimal(text) else Decimal(text)


_pushes = msgspec.json.Decoder(_SentPush)
_envelopes = msgspec.json.Decoder(PushEnvelope)
_raws = msgspec.json.Decoder(list[Raw])
_datas = msgspec.json.Decoder(list[dict[str, Any]])
_exact_data = msgspec.json.Decoder(dict[str, Any], float_hook=_exact_number)
_exact_item = msgspec.json.Decoder(SensorDataItem, float_hook=_exact_number)
_encoder = msgspec.json.Encoder()


def decode_push(body: bytes, limits: Limits) -> DecodedPush:
    """Session, push_id and readings; what is wrong about a reading refuses that one.

    Raises Malformed, Invalid (no list), TooLarge (too many readings), msgspec.ValidationError (a wrong session).
    """
    rejected: list[RejectedItem] = []
    try:
        push = _pushes.decode(body)
        session, push_id, total = push.session, push.push_id, len(push.sensor_data)
        readings = _decode_at_once(push.sensor_data)
    except (UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"the body is not valid JSON: {error}") from error
    except msgspec.DecodeError:
        # An item is wrong, or the session, or all of it: which one is found out slowly.
        envelope = decode_json(body, _envelopes.decode)
        session, push_id = envelope.session, envelope.push_id
        raws = decode_json(bytes(envelope.sensor_data), _decode_list)
        total = len(raws)
        _check_size(total, limits)
        readings = _decode_one_by_one(raws, rejected)
    _check_size(total, limits)
    micros, is_within = _micros(readings, limits, rejected)
    groups = _within_limits(_group(readings, micros, is_within), rejected)
    return DecodedPush(
        session, push_id, Batch(total, groups, rejected, hashlib.sha256(body).digest(), data_bytes=len(body))
    )


def _check_size(total: int, limits: Limits) -> None:
    if total > limits.max_readings:
        raise TooLarge(f"a push has at most {limits.max_readings} readings; this one has {total}")


def _decode_at_once(sent: list[_SentItem]) -> _Readings:
    """All `data` in one go; then those again whose numbers may be decimals that no double equals.

    Data that gives, written by us, what was sent has lost nothing.
    """
    raws = [item.data for item in sent]
    datas = _datas.decode(b"[" + b",".join(raws) + b"]")
    written = _encoder.encode_lines(datas)
    compact = _BETWEEN.join(raws).translate(_LINES, _WHITESPACE)
    if written[:-1] != compact:
        for place in compress(count(), map(ne, compact.split(b"\n"), written.split(b"\n"))):
            datas[place] = _exact_data.decode(raws[place])
    return _Readings(range(len(sent)), [item.sensor_type for item in sent], [item.timestamp for item in sent], datas)


def _decode_list(raw: bytes) -> list[Raw]:
    try:
        return _raws.decode(raw)
    except msgspec.ValidationError as error:
        raise Invalid(f"sensor_data: {error}", errors=[FieldError("sensor_data", str(error))]) from error


def _decode_one_by_one(raws: list[Raw], rejected: list[RejectedItem]) -> _Readings:
    items: dict[int, SensorDataItem] = {}
    for place, raw in enumerate(raws):
        try:
            items[place] = _exact_item.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            rejected.append(RejectedItem(place, "invalid", str(error)))
    sent = items.values()
    return _Readings(
        list(items),
        [item.sensor_type for item in sent],
        [item.timestamp for item in sent],
        [item.data for item in sent],
    )


def _micros(
    readings: _Readings, limits: Limits, rejected: list[RejectedItem]
) -> tuple[Integers, NDArray[np.bool_] | None]:
    """Epoch microseconds of each reading, and which lie within the bounds (None: all); the others are refused."""
    oldest, newest = bounds_ms(limits.max_age_days)
    times = _doubles(readings.times)
    is_within = (times >= oldest) & (times <= newest)
    if is_within.all():
        return np.rint(times * 1000).astype(np.int64), None
    for index in np.flatnonzero(~is_within).tolist():
        code, message = _TOO_LATE if times[index] > newest else _TOO_EARLY
        rejected.append(RejectedItem(readings.places[index], code, message))
    return np.rint(np.where(is_within, times, oldest) * 1000).astype(np.int64), is_within


def _doubles(times: list[int | float]) -> NDArray[np.float64]:
    try:
        return np.array(times, np.float64)
    except OverflowError:
        return np.array([max(-1e300, min(time, 1e300)) for time in times], np.float64)


def _group(readings: _Readings, micros: Integers, is_within: NDArray[np.bool_] | None) -> list[Group]:
    """The readings by sensor and keys, in the order in which these come first."""
    members: defaultdict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    for index, (sensor, data) in enumerate(zip(readings.sensors, readings.datas, strict=True)):
        members[sensor, tuple(data)].append(index)
    places = np.array(readings.places, np.int64)
    groups = []
    for (sensor, keys), indexes in members.items():
        chosen = np.array(indexes)
        if is_within is not None:
            chosen = chosen[is_within[chosen]]
        if len(chosen):
            datas = [readings.datas[index] for index in chosen.tolist()]
            values = {key: list(map(itemgetter(key), datas)) for key in keys}
            groups.append(Group(sensor, places[chosen], micros[chosen], values))
    return groups


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
