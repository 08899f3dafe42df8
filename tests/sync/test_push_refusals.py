"""One bad reading never fails its neighbours: it is named by its place and a code."""

import json
import time
from typing import Any

import psycopg
import pytest

from tests.support.aliases import Call, Client

pytestmark = [pytest.mark.api, pytest.mark.sync]


DAY_MS = 86_400_000
GOOD = {"sensor_type": "accelerometer", "timestamp": 1_760_000_000_000, "data": {"x": 1.0}}


def nested(depth: int) -> Any:
    """An object `depth` levels deep."""
    return {"a": nested(depth - 1)} if depth > 1 else {"a": 1}


def changed(**members: Any) -> dict[str, Any]:
    return GOOD | members


def without(member: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name != member}


REFUSED = {
    "older than fifteen years": (changed(timestamp=time.time() * 1000 - 5480 * DAY_MS), "out_of_range"),
    "epoch": (changed(timestamp=0), "out_of_range"),
    "seconds instead of milliseconds": (changed(timestamp=1_760_000_000), "out_of_range"),
    "before any year": (changed(timestamp=-1e300), "out_of_range"),
    "in two days": (changed(timestamp=time.time() * 1000 + 2 * DAY_MS), "future"),
    "microseconds instead of milliseconds": (changed(timestamp=1_760_000_000_000_000), "future"),
    "an integer of thirty digits": (changed(timestamp=10**30), "future"),
    "data of five thousand characters": (changed(data={"label": "a" * 5000}), "data_too_large"),
    "data of many small members": (changed(data={f"k{i}": "v" for i in range(600)}), "data_too_large"),
    "data nine levels deep": (changed(data=nested(9)), "data_too_deep"),
    "data hundreds of levels deep": (changed(data=nested(300)), "data_too_deep"),
    "lists nine levels deep": (changed(data={"a": [[[[[[[[1]]]]]]]]}), "data_too_deep"),
    "NUL in a value": (changed(data={"label": "a\0b"}), "invalid_data"),
    "NUL in a key": (changed(data={"a\0b": 1}), "invalid_data"),
    "NUL deep inside": (changed(data={"a": [{"b": "\0"}]}), "invalid_data"),
    "NUL in the sensor type": (changed(sensor_type="a\0b"), "invalid"),
    "no sensor type": (without("sensor_type"), "invalid"),
    "no timestamp": (without("timestamp"), "invalid"),
    "no data": (without("data"), "invalid"),
    "empty sensor type": (changed(sensor_type=""), "invalid"),
    "sensor type of 65 characters": (changed(sensor_type="s" * 65), "invalid"),
    "timestamp as text": (changed(timestamp="2025-10-09T08:53:20Z"), "invalid"),
    "timestamp null": (changed(timestamp=None), "invalid"),
    "data a list": (changed(data=[1, 2]), "invalid"),
    "data null": (changed(data=None), "invalid"),
    "item null": (None, "invalid"),
    "item a number": (5, "invalid"),
    "item a list": ([], "invalid"),
}


def test_push_refuses_each_bad_reading_with_its_code_and_stores_its_neighbours(push: Call) -> None:
    good = [changed(timestamp=1_760_000_000_000 + index) for index in range(len(REFUSED))]
    items = [item for pair in zip(good, (bad for bad, _ in REFUSED.values()), strict=True) for item in pair]
    reply = push(items)
    codes = {list(REFUSED)[item["index"] // 2]: item["code"] for item in reply["rejected"] if item["index"] % 2}
    assert codes == {name: code for name, (_, code) in REFUSED.items()}
    assert (reply["inserted"], reply["errors"]) == (len(REFUSED), len(REFUSED))
    assert all(item["message"] for item in reply["rejected"])


RAW_REFUSED = {
    "number beyond a double": (b'{"a":1e400}', "invalid_data"),
    "number nearer to zero than a double": (b'{"a":1e-400}', "invalid_data"),
}


@pytest.mark.parametrize("name", RAW_REFUSED)
def test_push_refuses_a_number_that_no_double_reaches(client: Client, auth_headers: dict[str, str], name: str) -> None:
    data, code = RAW_REFUSED[name]
    good = json.dumps(GOOD).encode()
    bad = b'{"sensor_type":"accelerometer","timestamp":1760000000010,"data":' + data + b"}"
    reply = push_raw(client, auth_headers, b"[" + good + b"," + bad + b"]").json()
    assert (reply["inserted"], reply["errors"]) == (1, 1)
    assert [(item["index"], item["code"]) for item in reply["rejected"]] == [(1, code)]


@pytest.mark.parametrize("number", ["18446744073709551616", "-9223372036854775809", "1" + "0" * 400])
def test_push_integer_beyond_64_bits_is_pulled_equal(client: Client, auth_headers: dict[str, str], number: str) -> None:
    item = b'{"sensor_type":"counter","timestamp":1760000000000,"data":{"a":%s}}' % number.encode()
    assert push_raw(client, auth_headers, b"[" + item + b"]").json()["inserted"] == 1
    pulled = client.post("/api/sync/pull", json={}, headers=auth_headers).json()
    assert pulled["sessions"][0]["sensor_data"][0]["data"] == {"a": int(number)}


def push_raw(client: Client, headers: dict[str, str], sensor_data: bytes) -> Any:
    session = b'{"session_id":"walk","start_time":"2025-10-09T08:53:20Z"}'
    body = b'{"session":' + session + b',"sensor_data":' + sensor_data + b"}"
    reply = client.post("/api/sync/push", content=body, headers=headers | {"Content-Type": "application/json"})
    assert reply.status_code == 200, reply.text
    return reply


def test_push_names_the_first_hundred_refused_readings(push: Call) -> None:
    reply = push([GOOD] + [changed(timestamp=0)] * 150)
    assert reply["errors"] == 150
    assert [item["index"] for item in reply["rejected"]] == list(range(1, 101))


def test_push_names_refused_readings_in_order_whatever_the_reason(push: Call) -> None:
    reply = push([REFUSED[name][0] for name in ("NUL in a key", "epoch", "no data", "in two days")])
    assert [item["index"] for item in reply["rejected"]] == [0, 1, 2, 3]


def test_push_refused_item_counts_once(push: Call) -> None:
    reply = push([changed(timestamp=0, sensor_type="a\0b", data={"a\0": "\0"})])
    assert (reply["errors"], len(reply["rejected"])) == (1, 1)


def test_push_of_refused_readings_only_makes_the_session(push: Call, pull: Call) -> None:
    reply = push([changed(timestamp=0)])
    assert (reply["errors"], reply["session_data_count"]) == (1, 0)
    assert pull()["sessions"][0]["data_count"] == 0


ACCEPTED = {
    "nearly fifteen years old": changed(timestamp=time.time() * 1000 - 5470 * DAY_MS),
    "nearly a day ahead": changed(timestamp=time.time() * 1000 + 0.9 * DAY_MS),
    "no members": changed(data={}),
    "data eight levels deep": changed(data=nested(8)),
    "data of four thousand characters": changed(data={"label": "a" * 4000}),
    "sensor type of 64 letters": changed(sensor_type="감지기 " * 16),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_push_takes_a_reading_at_the_limit(push: Call, name: str) -> None:
    assert push([ACCEPTED[name]])["rejected"] == []


def test_push_takes_64_sensor_types_and_refuses_the_65th(push: Call) -> None:
    items = [changed(sensor_type=f"type {index:02}") for index in range(66)]
    reply = push([*items, changed(sensor_type="type 00", timestamp=GOOD["timestamp"] + 1)])  # type: ignore[operator]
    assert (reply["inserted"], reply["errors"]) == (65, 2)
    assert [(item["index"], item["code"]) for item in reply["rejected"]] == [
        (64, "too_many_types"),
        (65, "too_many_types"),
    ]
    assert all(item["hold"] for item in reply["rejected"])
    assert "accepted_times" not in reply


def test_push_takes_256_new_sensor_types_of_a_user_and_refuses_more(push: Call) -> None:
    for batch in range(4):
        items = [changed(sensor_type=f"type {batch} {index}") for index in range(64)]
        assert push(items)["inserted"] == 64
    reply = push([changed(sensor_type="one more"), changed(sensor_type="type 0 0", timestamp=1_760_000_000_001)])
    assert (reply["inserted"], reply["errors"]) == (1, 1)
    assert [(item["index"], item["code"], item["hold"]) for item in reply["rejected"]] == [(0, "too_many_types", True)]


def test_names_of_one_user_take_none_from_another(push: Call, create_user: Call) -> None:
    for batch in range(4):
        push([changed(sensor_type=f"type {batch} {index}") for index in range(64)])
    assert push([changed(sensor_type="theirs")])["errors"] == 1
    assert push([changed(sensor_type="theirs")], headers=create_user("stranger")["headers"])["inserted"] == 1


def test_push_refused_sensor_type_is_not_registered(push: Call, db: psycopg.Connection[Any]) -> None:
    push([changed(sensor_type="never", timestamp=0)])
    assert db.execute("select count(*) from app.sensor_types where name = 'never'").fetchone() == (0,)
