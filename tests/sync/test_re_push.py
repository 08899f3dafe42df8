"""Readings sent again: equal ones are found whole columns at a time, and no other is taken for one."""

from typing import Any

import pytest

pytestmark = [pytest.mark.api, pytest.mark.sync]


@pytest.fixture
def walk(reading: Any) -> list[dict[str, Any]]:
    """Ten readings of each of two sensors."""
    return [
        reading(index * 20, sensor, x=index / 8, y=0.0)
        for index in range(10)
        for sensor in ("accelerometer", "gyroscope")
    ]


def counts(reply: dict[str, Any]) -> tuple[int, int, int]:
    return reply["inserted"], reply["updated"], reply["duplicates"]


def test_re_push_of_equal_readings_in_any_order_changes_nothing(push: Any, pull: Any, walk: Any) -> None:
    time = push(walk)["server_timestamp"]
    for again in (walk, walk[::-1], walk[4:9], [walk[0], walk[-1]], walk[::3]):
        reply = push(again)
        assert counts(reply) == (0, 0, len(again))
        assert reply["server_timestamp"] == time


def test_re_push_with_one_changed_updates_one(push: Any, pull: Any, walk: Any) -> None:
    push(walk)
    walk[7]["data"]["y"] = 5e-324
    assert counts(push(walk)) == (0, 1, 19)
    assert walk[7] in pull()["sessions"][0]["sensor_data"]


def test_re_push_with_another_between_inserts_one(push: Any, walk: Any, reading: Any) -> None:
    push(walk)
    assert counts(push([*walk, reading(30.001)])) == (1, 0, 20)


@pytest.mark.parametrize("data", [{"x": 0.0}, {"x": 0.0, "y": 0.0, "z": 0.0}, {"x": 0.0, "y": 0.0, "note": "a"}])
def test_re_push_with_other_keys_updates(push: Any, pull: Any, walk: Any, data: dict[str, Any]) -> None:
    push(walk)
    for item in walk:
        item["data"] = data
    assert counts(push(walk)) == (0, 20, 0)
    assert all(item["data"] == data for item in pull()["sessions"][0]["sensor_data"])


def test_re_push_of_columns_over_a_text_takes_it_away(push: Any, pull: Any, reading: Any) -> None:
    push([reading(0, x=1.0, note="a"), reading(10, x=2.0)])
    assert counts(push([reading(0, x=1.0), reading(10, x=2.0)])) == (0, 1, 1)
    assert [item["data"] for item in pull()["sessions"][0]["sensor_data"]] == [{"x": 1.0}, {"x": 2.0}]


def test_re_push_of_zero_with_the_other_sign_is_a_duplicate(push: Any, walk: Any) -> None:
    push(walk)
    for item in walk:
        item["data"]["y"] = -0.0
    assert counts(push(walk)) == (0, 0, 20)
