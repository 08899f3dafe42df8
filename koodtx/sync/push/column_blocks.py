"""Blocks of columns in a push: many readings of one sensor in one item.

Whatever a block says of its size is checked before anything of that size is made.
"""

from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta, Raw, Struct

from koodtx.json import exact_number
from koodtx.readings.blocks import Doubles, Group
from koodtx.readings.times import ms_to_micros

_WHITESPACE = b" \t\r\n"
_MAX_KEYS = 64
# Of objects within `data`: a block of them takes as much memory as its readings would one by one.
_INNER_KEYS_PER_READING = 16
# Steps of a hundred days, 50,000 of them, still add up exactly.
_MAX_STEP_US = 10**13

# Far outside what is accepted, but still exact in microseconds.
_Milliseconds = Annotated[float, Meta(ge=-1e13, le=1e13)]


class InvalidBlock(Exception):
    """A block cannot be read; says why."""


class SentBlock(NamedTuple):
    """Readings of one sensor; `place`: the position of the first. `data` is as it was written."""

    place: int
    sensor: str
    micros: Doubles
    data: Raw


class _Steps(Struct, forbid_unknown_fields=True):
    """`steps_us`: from each reading to the next, so one fewer than there are readings."""

    start: _Milliseconds
    steps_us: list[Annotated[int, Meta(ge=-_MAX_STEP_US, le=_MAX_STEP_US)]]


class _Regular(Struct, forbid_unknown_fields=True):
    """Every `step` milliseconds."""

    start: _Milliseconds
    step: _Milliseconds
    count: Annotated[int, Meta(ge=0)]


_times = msgspec.json.Decoder(list[int | float])
_steps = msgspec.json.Decoder(_Steps)
_regular = msgspec.json.Decoder(_Regular)
_columns = msgspec.json.Decoder(dict[str, Raw])
_numbers = msgspec.json.Decoder(list[int | float])
_exact_values = msgspec.json.Decoder(list[Any], float_hook=exact_number)
_encoder = msgspec.json.Encoder()


def count_at_most(timestamps: Raw) -> int:
    """How many readings the `timestamps` of a block stand for, at most one too many, found without a list of them."""
    text = bytes(timestamps)
    listed = text.count(b",") + 1
    if text.startswith(b"["):
        return listed
    try:
        return _regular.decode(text).count
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return listed


def read_micros(timestamps: Raw) -> Doubles:
    """The time of each reading, whole epoch microseconds. Raises InvalidBlock."""
    text = bytes(timestamps)
    try:
        if text.startswith(b"["):
            return ms_to_micros(_times.decode(text))
        if b'"steps_us"' in text:
            steps = _steps.decode(text)
            return _micros_of_steps(steps.start, steps.steps_us)
        regular = _regular.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidBlock(f"timestamps: {error}") from error
    micros: Doubles = np.rint((regular.start + np.arange(regular.count) * regular.step) * 1000)
    return micros


def _micros_of_steps(start: float, steps_us: list[int]) -> Doubles:
    micros = np.cumsum([round(start * 1000), *steps_us], dtype=np.int64)
    return micros.astype(np.float64)


def block_group(block: SentBlock) -> Group:
    """The readings of a block. Raises InvalidBlock."""
    size = len(block.micros)
    text = bytes(block.data)
    if text.count(b'":') > _MAX_KEYS + _INNER_KEYS_PER_READING * size:
        raise InvalidBlock(f"data has more than {_MAX_KEYS} keys")
    try:
        raws = _columns.decode(text)
        if len(raws) > _MAX_KEYS:
            raise InvalidBlock(f"data has more than {_MAX_KEYS} keys")
        columns = {key: _column(key, bytes(raw), size) for key, raw in raws.items()}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidBlock(f"data: {error}") from error
    return Group(block.sensor, np.arange(block.place, block.place + size), block.micros, columns)


def _column(key: str, raw: bytes, size: int) -> list[Any]:
    """The values of a key; a decimal stays one where no double equals it."""
    values = _decode_values(raw, size)
    if len(values) != size:
        raise InvalidBlock(f"data.{key} has {len(values)} values, timestamps {size}")
    return values


def _decode_values(raw: bytes, size: int) -> list[Any]:
    # Without strings, objects and lists in it, a list has a comma fewer than values.
    is_flat = not any(mark in raw[1:] for mark in (b'"', b"{", b"["))
    if is_flat and raw.count(b",") > size:
        raise InvalidBlock(f"more values than timestamps, of which there are {size}")
    try:
        numbers = _numbers.decode(raw)
    except msgspec.ValidationError:
        return _exact_values.decode(raw)
    # Numbers that give, written by us, what was sent have lost nothing.
    return numbers if _encoder.encode(numbers) == raw.translate(None, _WHITESPACE) else _exact_values.decode(raw)
