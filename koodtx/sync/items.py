"""The readings of a push as they were sent: decoded at once, and item by item where that cannot be."""

from decimal import Decimal
from itertools import compress, count
from operator import ne
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct

from koodtx.errors import FieldError, Invalid, Malformed
from koodtx.json import decode_json
from koodtx.sync.messages import ClientId, PushedSession, PushEnvelope, RejectedItem, SensorDataItem

# A byte that JSON never holds becomes the line feed, after those that lay out JSON are left out.
_BETWEEN = b"\x1e"
_LINES = bytes.maketrans(_BETWEEN, b"\n")
_WHITESPACE = b" \t\r\n"

# Every decimal of so few characters is the shortest one of its double, unless that is too large or too small for one.
_SURELY_EXACT = 15


class Items(Struct):
    """By columns. `datas`: None where an item was refused."""

    sensors: list[str]
    times: list[int | float]
    datas: list[dict[str, Any] | None]


class _SentItem(Struct, gc=False):
    """A SensorDataItem whose `data` is as it was written."""

    sensor_type: Annotated[str, Meta(min_length=1, max_length=64)]
    timestamp: int | float
    data: Raw


class _SentPush(Struct):
    session: PushedSession
    push_id: ClientId | None = None
    sensor_data: list[_SentItem] = []


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


def decode_push(body: bytes, rejected: list[RejectedItem]) -> tuple[PushedSession, str | None, Items]:
    """Session, push_id and readings. What is wrong about an item goes to `rejected`.

    Raises Malformed, Invalid (no list), msgspec.ValidationError (a wrong session).
    """
    try:
        push = _pushes.decode(body)
        return push.session, push.push_id, _decode_at_once(push.sensor_data)
    except (UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"the body is no JSON: {error}") from error
    except msgspec.DecodeError:
        # An item is wrong, or the session, or all of it: which one is found out slowly.
        envelope = decode_json(body, _envelopes.decode)
        return envelope.session, envelope.push_id, _decode_one_by_one(envelope.sensor_data, rejected)


def _decode_at_once(sent: list[_SentItem]) -> Items:
    """All `data` in one go; then those again whose numbers may be decimals that no double equals.

    Data that gives, written by us, what was sent has lost nothing.
    """
    raws = [item.data for item in sent]
    datas: list[dict[str, Any] | None] = list(_datas.decode(b"[" + b",".join(raws) + b"]"))
    written = _encoder.encode_lines(datas)
    compact = _BETWEEN.join(raws).translate(_LINES, _WHITESPACE)
    if written[:-1] != compact:
        for place in compress(count(), map(ne, compact.split(b"\n"), written.split(b"\n"))):
            datas[place] = _exact_data.decode(raws[place])
    return Items([item.sensor_type for item in sent], [item.timestamp for item in sent], datas)


def _decode_one_by_one(sent: Raw, rejected: list[RejectedItem]) -> Items:
    raws = decode_json(bytes(sent), _decode_list)
    items = Items([""] * len(raws), [0] * len(raws), [None] * len(raws))
    for place, raw in enumerate(raws):
        try:
            item = _exact_item.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            rejected.append(RejectedItem(place, "invalid", str(error)))
        else:
            items.sensors[place], items.times[place], items.datas[place] = item.sensor_type, item.timestamp, item.data
    return items


def _decode_list(raw: bytes) -> list[Raw]:
    try:
        return _raws.decode(raw)
    except msgspec.ValidationError as error:
        raise Invalid(f"sensor_data: {error}", errors=[FieldError("sensor_data", str(error))]) from error
