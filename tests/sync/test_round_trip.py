"""What is pushed is pulled equal, key by key, value by value, to the last digit."""

import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from tests.sync.json_texts import contents, exactly, push_text, reading_text, readings

pytestmark = [pytest.mark.api, pytest.mark.sync]

Reading = tuple[str, str, str]


class Phone:
    """Pushes texts as they are, each time to a session of its own, and pulls that session."""

    def __init__(self, client: TestClient[Litestar], headers: dict[str, str]) -> None:
        self.client = client
        self.headers = headers | {"Content-Type": "application/json"}
        self.numbers: Iterator[int] = itertools.count()

    def push(self, session_id: str, items: list[str]) -> dict[str, Any]:
        body = push_text(session_id, items)
        reply = self.client.post("/api/sync/push", content=body, headers=self.headers)
        assert reply.status_code == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    def pull(self, session_id: str) -> list[Any]:
        reply = self.client.post("/api/sync/pull", json={"session_ids": [session_id]}, headers=self.headers)
        found: list[Any] = exactly(reply.content)["sessions"][0]["sensor_data"]
        return found

    def assert_round_trip(self, pushed: list[Reading]) -> None:
        session_id = f"session {next(self.numbers)}"
        items = [reading_text(*item) for item in pushed]
        reply = self.push(session_id, items)
        # Numbers that take four kilobytes to write are refused; everything else must come back.
        assert {item["code"] for item in reply["rejected"]} <= {"data_too_large"}
        refused = {item["index"] for item in reply["rejected"]}
        kept = [item for index, item in enumerate(items) if index not in refused]
        assert sorted(self.pull(session_id), key=repr) == sorted((exactly(item) for item in kept), key=repr)
        again = self.push(session_id, items)
        assert (again["inserted"], again["updated"], again["duplicates"]) == (0, 0, len(kept))


@pytest.fixture
def phone(client: TestClient[Litestar], auth_headers: dict[str, str]) -> Phone:
    return Phone(client, auth_headers)


@given(pushed=readings)
def test_round_trip_of_any_json_is_equal(phone: Phone, pushed: list[Reading]) -> None:
    phone.assert_round_trip(pushed)


@given(pushed=st.lists(contents, min_size=2, max_size=8))
def test_round_trip_of_readings_in_one_group_is_equal(phone: Phone, pushed: list[str]) -> None:
    """All of one sensor, so that its columns hold some of the values and leave others."""
    phone.assert_round_trip([("gps", str(1_760_000_000_000 + index), data) for index, data in enumerate(pushed)])


VALUES = [
    "0", "-0", "-0.0", "1.0", "1e-320", "5e-324", "1e-101", "1e100", "1e101", "1e200", "1.7976931348623157e308",
    "9007199254740992", "9007199254740993", "18446744073709551616", "0.1", "0.1000000000000000055511151231257827",
    "3.14159265358979323846264338327950288", "91", "-181", "true", "false", "null", '""', '"5"',
    '"\\u00e9\\ud83d\\ude00"',
    '"\\\\ \\" \\/ \\b \\f \\n \\r \\t"', "[]", "{}", "[1,[2.50,[null]]]", '{"x":{"y":{"z":1e-320}}}',
]  # fmt: skip
KEYS = [
    "x",
    "y",
    "z",
    "value",
    "latitude",
    "longitude",
    "altitude",
    "accuracy",
    "speed",
    "bearing",
    "pressure",
    "other",
    "",
]


@pytest.mark.parametrize("sensor", ["barometer", "accelerometer"])
def test_round_trip_of_every_value_under_every_key_is_equal(phone: Phone, sensor: str) -> None:
    # The first of each sensor fixes its value key: pressure, or none of its own.
    first = '{"pressure":1013.25}' if sensor == "barometer" else '{"x":1.5,"y":2.5}'
    phone.push("first", [reading_text(sensor, "1760000000000", first)])
    texts = [f'{{"{key}":{value},"label":"a"}}' for key in KEYS for value in VALUES]
    phone.assert_round_trip([(sensor, str(1_760_000_000_000 + index), data) for index, data in enumerate(texts)])


def test_round_trip_of_a_key_sent_twice_keeps_the_last(phone: Phone) -> None:
    phone.push("twice", ['{"sensor_type":"light","timestamp":1760000000000,"data":{"lux":1,"a":1,"lux":2,"a":"b"}}'])
    assert phone.pull("twice")[0]["data"] == exactly('{"lux":2,"a":"b"}')


@given(micros=st.integers(1_760_000_000_000_000, 1_760_000_000_999_999))
@example(micros=1_760_000_000_000_001)
@example(micros=1_760_000_000_999_999)
def test_round_trip_of_a_time_is_equal_to_the_microsecond(phone: Phone, micros: int) -> None:
    phone.assert_round_trip([("light", str(Decimal(micros) / 1000), '{"lux":1}')])


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1760000000000.0", "1760000000000"),
        ("1.76e12", "1760000000000"),
        ("1760000000000.1232", "1760000000000.123"),
        ("1760000000000.0004", "1760000000000"),
        ("1760000000000.9996", "1760000000001"),
    ],
)
def test_round_trip_of_a_finer_time_is_rounded_to_the_microsecond(phone: Phone, sent: str, kept: str) -> None:
    phone.push("fine", [reading_text("light", sent, '{"lux":1}')])
    assert phone.pull("fine")[0]["timestamp"] == ("number", Decimal(kept))


def test_round_trip_gives_a_whole_time_as_an_integer(
    client: TestClient[Litestar], auth_headers: dict[str, str], phone: Phone
) -> None:
    phone.push("whole", [reading_text("light", "1760000000000.0", '{"lux":1}')])
    reply = client.post("/api/sync/pull", json={}, headers=auth_headers)
    assert b'"timestamp":1760000000000,' in reply.content
