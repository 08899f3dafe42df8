"""Blocks of columns in a push: many readings of one sensor in one item.

Whatever a block says of its size is checked before anything of that size is made.
"""

from itertools import accumulate, compress, count
from operator import ne
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta, Raw, Struct

from koodtx.json import exact_number, in_json_words
from koodtx.readings.blocks import Doubles, Group
from koodtx.readings.times import FAR_MS, ms_to_micros
from koodtx.sync.push.count import count_items

_WHITESPACE = b" \t\r\n"
_MAX_KEYS = 64
# Of objects within `data`: a block of them takes as much memory as its readings would one by one.
_INNER_KEYS_PER_READING = 16
# Steps that a double holds are added up by numpy.
_MAX_STEP_US = 2**53
# What 64 bits do not hold is added up by Python.
_MAX_SUM_US = 9e18

_FAR_US = FAR_MS * 1000
_Start = Annotated[float, Meta(ge=-FAR_MS, le=FAR_MS)]
# Longer than what is accepted, but still exact in microseconds.
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

    start: _Start
    steps_us: list[int]


class _Regular(Struct, forbid_unknown_fields=True):
    """Every `step` milliseconds."""

    start: _Start
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
        raise InvalidBlock(f"timestamps: {in_json_words(str(error))}") from error
    micros: Doubles = np.rint((regular.start + np.arange(regular.count) * regular.step) * 1000)
    return micros


def _micros_of_steps(start: float, steps_us: list[int]) -> Doubles:
    steps = [round(start * 1000), *steps_us]
    try:
        array = np.array(steps, np.int64)
    except OverflowError:
        return _micros_of_long_steps(steps)
    if not -_MAX_STEP_US <= array.min() <= array.max() <= _MAX_STEP_US:
        return _micros_of_long_steps(steps)
    about = np.cumsum(array, dtype=np.float64)
    # Integers that overflowed on the way are right again where the sum itself is one of 64 bits.
    return np.where(np.abs(about) < _MAX_SUM_US, np.cumsum(array), about)


def _micros_of_long_steps(steps: list[int]) -> Doubles:
    return np.array([max(-_FAR_US, min(time, _FAR_US)) for time in accumulate(steps)], np.float64)


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
        raise InvalidBlock(f"data: {in_json_words(str(error))}") from error
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
    if raw.count(b",") > size and (is_flat or count_items(raw, size) > size):
        raise InvalidBlock(f"more values than timestamps, of which there are {size}")
    try:
        numbers = _numbers.decode(raw)
    except msgspec.ValidationError:
        return _exact_values.decode(raw)
    # Numbers that give, written by us, what was sent have lost nothing.
    written = _encoder.encode(numbers)
    if written not in (raw, compact := raw.translate(None, _WHITESPACE)):
        texts = compact[1:-1].split(b",")
        for index in compress(count(), map(ne, texts, written[1:-1].split(b","))):
            numbers[index] = _exact_values.decode(b"[" + texts[index] + b"]")[0]
    return numbers
