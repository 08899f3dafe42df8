"""Pushes of few bytes that would become very much in memory: refused before anything is made of them."""

import tracemalloc

import pytest

from koodtx.errors import TooLarge
from koodtx.sync.push.count import count_items
from koodtx.sync.push.decode import Limits, decode_push

pytestmark = [pytest.mark.unit, pytest.mark.sync]

LIMITS = Limits(max_readings=1000, max_age_days=5479, max_sensors=64)
MANY = 200_000

SESSION = b'{"session":{"session_id":"walk","start_time":"2026-11-27T00:00:00Z"'
READING = b'{"sensor_type":"light","timestamp":1764000000000,"data":'
BLOCK = b'{"sensor_type":"light","timestamps":[1764000000000],"data":'


def listed(item: bytes) -> bytes:
    return b"[" + b",".join([item] * MANY) + b"]"


def push(sensor_data: bytes, session: bytes = b"}") -> bytes:
    return SESSION + session + b',"sensor_data":' + sensor_data + b"}"


@pytest.mark.parametrize(
    "body",
    [
        push(listed(b"{}")),
        push(listed(b"1")),
        push(listed(b'"a, b"')),
        push(listed(b"[]")),
        push(listed(b'{"sensor\\u005ftype":"light","timestamp":1764000000000,"data":{}}')),
        push(b"[" + READING + b'{"x":' + listed(b"{}") + b"}}]"),
        push(b"[" + BLOCK + b'{"x":' + listed(b"[]") + b"}}]"),
        push(b"[]", b',"enabled_sensors":' + listed(b'"a"') + b"}"),
        push(b"[]", b'},"unknown":' + listed(b"{}")),
        push(listed(b"{}") + b',"sensor_data":[]'),
    ],
    ids=[
        "empty items", "numbers", "texts", "lists", "escaped names", "objects in a reading", "lists in a block",
        "enabled sensors", "an unknown member", "a name twice",
    ],
)  # fmt: skip
def test_a_push_with_too_many_parts_is_refused_before_they_exist(body: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            decode_push(body, LIMITS)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The bytes of sensor_data, copied, and the buffers of one chunk.
    assert peak < len(body) + 20_000_000


@pytest.mark.parametrize("value", [b'"ab"', b"1000"], ids=["texts", "numbers"])
@pytest.mark.parametrize(("start", "code"), [(READING, "data_too_large"), (BLOCK, "invalid")], ids=["row", "block"])
def test_a_reading_of_many_values_is_refused_alone(start: bytes, code: str, value: bytes) -> None:
    good = READING + b'{"lux":1}}'
    decoded = decode_push(push(b"[" + good + b"," + start + b'{"x":' + listed(value) + b"}}]"), LIMITS)
    assert [(item.index, item.code) for item in decoded.batch.rejected] == [(1, code)]
    assert sum(len(group.places) for group in decoded.batch.groups) == 1


@pytest.mark.parametrize(
    ("array", "count"),
    [
        (b"[]", 0), (b" [ ] ", 0), (b"[1]", 1), (b"[1,2]", 2), (b'["a,b","]","\\",["]', 3), (b"[[1,2],[3]]", 2),
        (b'[{"a":[1,2],"b":{"c":1}},{}]', 2), (b'["' + b"\\\\" * 600_000 + b'",1]', 2),
        (b'["' + b"a" * 999_997 + b'\\",",1]', 2), (b"[" + b"1," * 700_000 + b"1]", 700_001),
    ],
)  # fmt: skip
def test_items_are_counted_without_making_them(array: bytes, count: int) -> None:
    assert count_items(array, 10**9) == count


def test_counting_ends_when_there_are_too_many() -> None:
    assert 10 < count_items(b"[" + b"1," * 2_000_000 + b"1]", 10) < 1_000_000
