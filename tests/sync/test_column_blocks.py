"""Blocks of columns in a push, and in a pull that asks for them: the same readings as one by one."""

import gzip
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from koodtx.errors import TooLarge
from koodtx.sync.push.column_blocks import InvalidBlock, count_at_most, read_micros
from koodtx.sync.push.decode import Limits, decode_push
from tests.support.column_blocks import expanded, times_of

pytestmark = [pytest.mark.sync]

Call = Callable[..., dict[str, Any]]

START_MS = 1_760_000_000_000
LIMITS = Limits(max_readings=1000, max_age_days=5475, max_sensors=64)
COUNTS = ("total_records", "inserted", "updated", "duplicates", "errors")


def block(timestamps: Any, sensor: str = "accelerometer", **data: list[Any]) -> dict[str, Any]:
    return {"sensor_type": sensor, "timestamps": timestamps, "data": data}


def body(*items: Any) -> bytes:
    session = {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"}
    return json.dumps({"session": session, "sensor_data": items}).encode()


def readings_of(page: dict[str, Any]) -> list[Any]:
    """Every reading of a page, a block's one by one."""
    readings = [reading for session in page["sessions"] for reading in expanded(session["sensor_data"])]
    return sorted(readings, key=lambda reading: (reading["sensor_type"], reading["timestamp"]))


@pytest.mark.api
@pytest.mark.parametrize(
    "timestamps",
    [
        [START_MS, START_MS + 0.001, START_MS + 5],
        {"start": START_MS, "steps_us": [1, 4999]},
        {"start": START_MS + 0.25, "step": 20, "count": 3},
        {"start": START_MS, "step": 16.6667, "count": 3},
    ],
)
def test_a_block_is_stored_as_its_readings(timestamps: Any, push: Call, pull: Call) -> None:
    reply = push([block(timestamps, x=[1.5, 2, -0.0], note=["a", None, {"b": [1]}])])
    assert [reply[name] for name in COUNTS] == [3, 3, 0, 0, 0]
    found = readings_of(pull())
    assert [reading["timestamp"] for reading in found] == times_of(timestamps)
    assert [reading["data"] for reading in found] == [
        {"x": 1.5, "note": "a"},
        {"x": 2, "note": None},
        {"x": 0.0, "note": {"b": [1]}},
    ]


@pytest.mark.api
def test_places_are_those_of_the_expanded_order(push: Call, reading: Any) -> None:
    items = [
        reading(0),
        block([START_MS + 1, 5, START_MS + 2], x=[1, 2, 3]),
        {"sensor_type": "a"},
        block({"start": START_MS + 3, "step": 1, "count": 2}, x=[1, "b" * 5000]),
        block("yesterday", x=[1]),
        block([START_MS + 7, START_MS + 8], x=[1, 2, 3]),
        reading(9),
    ]
    reply = push(items)
    assert [reply[name] for name in COUNTS] == [11, 5, 0, 0, 6]
    assert [(item["index"], item["code"]) for item in reply["rejected"]] == [
        (2, "out_of_range"),
        (4, "invalid"),
        (6, "data_too_large"),
        (7, "invalid"),
        (8, "invalid"),
        (9, "invalid"),
    ]


@pytest.mark.api
def test_rows_and_blocks_are_duplicates_of_each_other(push: Call, reading: Any) -> None:
    rows = [reading(index, x=index / 4) for index in range(4)]
    as_block = block([START_MS + index for index in range(4)], x=[index / 4 for index in range(4)])
    assert push([*rows, as_block])["duplicates"] == 4
    assert push([as_block])["duplicates"] == 4
    changed = block([START_MS + 1, START_MS + 1], x=[7, 8])
    reply = push([changed])
    assert [reply[name] for name in COUNTS] == [2, 0, 1, 1, 0]


@pytest.mark.api
def test_a_pull_gives_blocks_when_asked(push: Call, pull: Call, reading: Any) -> None:
    regular = [reading(index * 20, x=index / 4, y=-1) for index in range(50)]
    irregular = [reading(index * index + 0.125, "gyroscope", x=index) for index in range(50)]
    others = [reading(0, "gps", latitude=37.5, fix="good"), reading(1, "light", lux=5)]
    push([*regular, *irregular, *others])
    page = pull(form="columns")
    items = page["sessions"][0]["sensor_data"]
    assert readings_of(page) == readings_of(pull())
    assert [("timestamp" in item, item["sensor_type"]) for item in items] == [
        (False, "accelerometer"),
        (True, "gps"),
        (False, "gyroscope"),
        (False, "light"),
    ]
    assert items[0]["timestamps"] == {"start": START_MS, "step": 20, "count": 50}
    assert set(items[2]["timestamps"]) == {"start", "steps_us"}


@pytest.mark.api
def test_pages_of_blocks_end_where_pages_of_rows_do(push: Call, pull: Call) -> None:
    push([block([START_MS + index for index in range(10)], x=list(range(10)))])
    found: list[Any] = []
    page: dict[str, Any] = {"cursor": None, "has_more": True}
    while page["has_more"]:
        page = pull(cursor=page["cursor"], max_readings=4, form="columns")
        found += readings_of(page)
    assert [reading["data"]["x"] for reading in found] == list(range(10))


@pytest.mark.api
def test_what_is_pulled_in_blocks_can_be_pushed_again(push: Call, pull: Call, reading: Any) -> None:
    push([reading(index * 1.001, x=index / 8, steps=index) for index in range(100)])
    items = pull(form="columns")["sessions"][0]["sensor_data"]
    assert push(items)["duplicates"] == 100


@pytest.mark.api
def test_fifty_thousand_equal_readings_compress_well_and_are_taken(
    client: TestClient[Litestar], auth_headers: dict[str, str]
) -> None:
    content = body(block({"start": START_MS, "step": 1, "count": 50_000}, x=[9.81] * 50_000))
    packed = gzip.compress(content)
    assert len(content) > 400 * len(packed)
    headers = auth_headers | {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    reply = client.post("/api/sync/push", content=packed, headers=headers)
    assert (reply.status_code, reply.json()["inserted"]) == (200, 50_000)


@pytest.mark.unit
@pytest.mark.parametrize(
    "timestamps",
    [
        {"start": START_MS, "step": 1, "count": 1_000_000_000},
        {"start": START_MS, "step": 1, "count": 10**30},
        {"start": START_MS, "step": 1, "count": 1001},
        {"start": START_MS, "steps_us": [1] * 1001},
        [START_MS] * 1001,
        [[[]] * 600] * 2,
    ],
    ids=["billion", "beyond 64 bits", "one more", "steps", "list", "nested"],
)
def test_more_readings_than_allowed_are_refused_before_they_are_made(timestamps: Any) -> None:
    with pytest.raises(TooLarge):
        decode_push(body(block(timestamps, x=[])), LIMITS)


@pytest.mark.unit
def test_a_count_with_an_escaped_name_is_seen() -> None:
    text = body(block({"start": START_MS, "step": 1, "count": 10**9})).replace(b'"count"', b'"c\\u006funt"')
    with pytest.raises(TooLarge):
        decode_push(text, LIMITS)


@pytest.mark.unit
def test_as_many_readings_as_allowed_are_taken() -> None:
    full = block([START_MS + index for index in range(999)], x=[1] * 999)
    last = block({"start": START_MS + 5000, "steps_us": []}, x=[1])
    assert decode_push(body(full, last), LIMITS).batch.total == 1000
    with pytest.raises(TooLarge):
        decode_push(body(full, last, last), LIMITS)


MALFORMED: dict[str, Any] = {
    "times in no list": block(5),
    "null times": block(None),
    "a time that is text": block([START_MS, "5"], x=[1, 2]),
    "a time that is true": block([START_MS, True], x=[1, 2]),
    "a negative count": block({"start": START_MS, "step": 1, "count": -1}),
    "a count with a fraction": block({"start": START_MS, "step": 1, "count": 1.5}),
    "a step that is endless": block({"start": START_MS, "step": 1e300, "count": 2}),
    "steps with fractions": block({"start": START_MS, "steps_us": [0.5]}),
    "steps and count": block({"start": START_MS, "steps_us": [1], "count": 2}),
    "no start": block({"step": 1, "count": 2}),
    "an empty object": block({}),
}


@pytest.mark.unit
@pytest.mark.parametrize("name", MALFORMED)
def test_a_block_without_readable_times_is_refused_as_one_reading(name: str) -> None:
    batch = decode_push(body(MALFORMED[name]), LIMITS).batch
    assert (batch.total, batch.groups) == (1, [])
    assert [(item.index, item.code) for item in batch.rejected] == [(0, "invalid")]


@pytest.mark.unit
@pytest.mark.parametrize("sensor", ["", None, 5, "a" * 65, "a\0b"])
def test_a_block_of_no_sensor_refuses_each_reading(sensor: Any) -> None:
    item = {"sensor_type": sensor, "timestamps": [START_MS, START_MS + 1], "data": {"x": [1, 2]}}
    later = {"sensor_type": "", "timestamp": START_MS, "data": {}}
    batch = decode_push(body(item, {"sensor_type": "a", "timestamps": []}, later), LIMITS).batch
    assert (batch.total, batch.groups) == (3, [])
    assert sorted(rejected.index for rejected in batch.rejected) == [0, 1, 2]


@pytest.mark.unit
@pytest.mark.parametrize(
    "data",
    [{"x": [1]}, {"x": [1, 2, 3]}, {"x": 5}, {"x": None}, {"x": {}}, [], "x", {f"k{n}": [1, 2] for n in range(65)},
     {"x": [0] * 100_000}, {f"k{n}": 0 for n in range(100_000)}],
)  # fmt: skip
def test_columns_that_do_not_fit_refuse_each_reading(data: Any) -> None:
    item = {"sensor_type": "a", "timestamps": [START_MS, START_MS + 1], "data": data}
    batch = decode_push(body(item), LIMITS).batch
    assert (batch.total, batch.groups) == (2, [])
    assert [(item.index, item.code) for item in batch.rejected] == [(0, "invalid"), (1, "invalid")]


@pytest.mark.unit
def test_a_block_without_readings_is_nothing() -> None:
    batch = decode_push(body(block([], x=[]), block({"start": START_MS, "step": 1, "count": 0})), LIMITS).batch
    assert (batch.total, batch.groups, batch.rejected) == (0, [], [])


@pytest.mark.unit
@given(
    start=st.integers(START_MS * 1000, START_MS * 1000 + 10**9),
    steps=st.lists(st.integers(-(10**9), 10**9) | st.integers(-(2**53), 2**53) | st.integers(), max_size=20),
)
def test_steps_add_up_exactly(start: int, steps: list[int]) -> None:
    text = json.dumps({"start": start / 1000, "steps_us": steps}).encode()
    expected = [start]
    for step in steps:
        expected.append(expected[-1] + step)
    found = read_micros(text).tolist()  # type: ignore[arg-type]
    # What no double holds is only far away.
    assert [time for time in found if abs(time) < 2**53] == [time for time in expected if abs(time) < 2**53]
    assert len(found) == len(expected)
    assert len(expected) <= count_at_most(text) <= len(expected) + 1  # type: ignore[arg-type]


@pytest.mark.unit
def test_a_time_far_away_refuses_one_reading() -> None:
    now_us = START_MS * 1000
    times = {"start": START_MS, "steps_us": [10**30, -(10**30) + 1, -now_us, now_us]}
    batch = decode_push(body(block(times, x=[1, 2, 3, 4, 5])), LIMITS).batch
    assert [rejected.index for rejected in batch.rejected] == [1, 3]
    assert batch.groups[0].micros.tolist() == [now_us, now_us + 1, now_us + 1]


@pytest.mark.unit
@given(text=st.text())
def test_any_text_as_times_is_read_or_refused(text: str) -> None:
    with suppress(InvalidBlock):
        assert len(read_micros(text.encode())) >= 0  # type: ignore[arg-type]
