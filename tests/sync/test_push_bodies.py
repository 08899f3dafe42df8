"""What a body may be: types, encodings, JSON, the session's fields."""

import gzip
import json
import zlib
from typing import Any

import psycopg
import pytest

from tests.support.aliases import Client

pytestmark = [pytest.mark.api, pytest.mark.sync]

JSON = {"Content-Type": "application/json"}
GZIP = JSON | {"Content-Encoding": "gzip"}
BODY = json.dumps(
    {
        "session": {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"},
        "sensor_data": [{"sensor_type": "light", "timestamp": 1_760_000_000_000, "data": {"lux": 5}}],
    }
).encode()


def send(client: Client, auth: dict[str, str], content: bytes, headers: dict[str, str]) -> Any:
    return client.post("/api/sync/push", content=content, headers=auth | headers)


def assert_refused(reply: Any, status: int, problem: str) -> None:
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["type"] == f"urn:koodtx:problem:{problem}"


def is_nothing_stored(db: psycopg.Connection[Any]) -> bool:
    return db.execute("select count(*) from app.recording_sessions").fetchone() == (0,)


def test_gzip_body_is_unpacked(client: Client, auth_headers: dict[str, str]) -> None:
    reply = send(client, auth_headers, gzip.compress(BODY), GZIP)
    assert (reply.status_code, reply.json()["inserted"]) == (200, 1)


def test_gzip_body_of_many_alike_readings_is_taken(client: Client, auth_headers: dict[str, str]) -> None:
    reading = {"sensor_type": "light", "timestamp": 1_760_000_000_000, "data": {"lux": 5}}
    body = json.dumps(json.loads(BODY) | {"sensor_data": [reading] * 5000}).encode()
    assert len(body) > 50 * len(gzip.compress(body))
    assert send(client, auth_headers, gzip.compress(body), GZIP).json()["duplicates"] == 4999


def bomb() -> bytes:
    """A body that unpacks to a hundred megabytes."""
    return gzip.compress(b'{"session":"' + b"a" * 100_000_000 + b'"}')


def test_gzip_bomb_is_413(client: Client, auth_headers: dict[str, str], db: Any) -> None:
    assert_refused(send(client, auth_headers, bomb(), GZIP), 413, "too-large")
    assert is_nothing_stored(db)


def test_gzip_body_within_the_limit_is_read_whatever_its_ratio(client: Client, auth_headers: dict[str, str]) -> None:
    """Five megabytes at about a thousand to one: what is wrong with it is not its size."""
    high_ratio = gzip.compress(b'{"session":"' + b"a" * 5_000_000 + b'"}')
    assert_refused(send(client, auth_headers, high_ratio, GZIP), 422, "invalid")


BAD_GZIP = {
    "truncated": gzip.compress(BODY)[:-9],
    "without its checksum": gzip.compress(BODY)[:-4],
    "wrong checksum": gzip.compress(BODY)[:-8] + bytes(8),
    "something after it": gzip.compress(BODY) + b"{}",
    "two members": gzip.compress(BODY[:50]) + gzip.compress(BODY[50:]),
    "packed twice": gzip.compress(gzip.compress(BODY)),
    "zlib": zlib.compress(BODY),
    "plain JSON": BODY,
    "empty": b"",
}


@pytest.mark.parametrize("name", BAD_GZIP)
def test_gzip_body_that_is_damaged_is_400(client: Client, auth_headers: dict[str, str], db: Any, name: str) -> None:
    assert_refused(send(client, auth_headers, BAD_GZIP[name], GZIP), 400, "malformed")
    assert is_nothing_stored(db)


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd", "compress"])
def test_other_content_encoding_is_415(client: Client, auth_headers: dict[str, str], encoding: str) -> None:
    assert_refused(send(client, auth_headers, BODY, JSON | {"Content-Encoding": encoding}), 415, "unsupported-media")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a",
     "application/msgpack", "application/jsonp", "json", ""],
)  # fmt: skip
def test_other_content_type_is_415(client: Client, auth_headers: dict[str, str], content_type: str) -> None:
    assert_refused(send(client, auth_headers, BODY, {"Content-Type": content_type}), 415, "unsupported-media")


def test_missing_content_type_is_415(client: Client, auth_headers: dict[str, str]) -> None:
    assert_refused(send(client, auth_headers, BODY, {}), 415, "unsupported-media")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_content_type_however_written_is_taken(
    client: Client, auth_headers: dict[str, str], content_type: str
) -> None:
    assert send(client, auth_headers, BODY, {"Content-Type": content_type}).status_code == 200


MALFORMED = {
    "empty": b"",
    "cut off": BODY[:-1],
    "more after it": BODY + b"}",
    "two documents": BODY + BODY,
    "a word": b"hello",
    "single quotes": b"{'session': 1}",
    "trailing comma": BODY[:-1] + b",}",
    "NaN": BODY.replace(b": 5}", b": NaN}"),
    "Infinity": BODY.replace(b": 5}", b": Infinity}"),
    "invalid UTF-8 in a value": BODY.replace(b"walk", b"wa\xfflk"),
    "invalid UTF-8 in a reading": BODY.replace(b"lux", b"l\xc3\x28x"),
    "UTF-16": BODY.decode().encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + BODY,
    "lone surrogate": BODY.replace(b"walk", b"\\ud800"),
    "control character in a string": BODY.replace(b"walk", b"wa\nlk"),
    "nested a hundred thousand deep": BODY.replace(b": 5}", b": " + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "a hundred thousand brackets": b'{"other":' + b"[" * 100_000,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_json_is_400(client: Client, auth_headers: dict[str, str], db: Any, name: str) -> None:
    assert_refused(send(client, auth_headers, MALFORMED[name], JSON), 400, "malformed")
    assert is_nothing_stored(db)


WRONG_SESSIONS: dict[str, tuple[Any, str]] = {
    "missing": (..., "session"),
    "null": (None, "session"),
    "a list": ([], "session"),
    "without id": ({"start_time": "2025-10-09T08:53:20Z"}, "session_id"),
    "without start": ({"session_id": "walk"}, "start_time"),
    "empty id": ({"session_id": ""}, "session_id"),
    "id of 65 characters": ({"session_id": "w" * 65}, "session_id"),
    "id a number": ({"session_id": 5}, "session_id"),
    "id with NUL": ({"session_id": "a\0b"}, "session_id"),
    "start null": ({"start_time": None}, "start_time"),
    "start without time zone": ({"start_time": "2025-10-09T08:53:20"}, "start_time"),
    "start no time": ({"start_time": "yesterday"}, "start_time"),
    "start in year 1": ({"start_time": "0001-01-01T00:00:00+14:00"}, "start_time"),
    "start in year 9999": ({"start_time": "9999-12-31T23:59:59-14:00"}, "start_time"),
    "start in seconds": ({"start_time": 1_760_000_000}, "start_time"),
    "start in microseconds": ({"start_time": 1_760_000_000_000_000}, "start_time"),
    "end in the future": ({"end_time": "2200-01-01T00:00:00Z"}, "end_time"),
    "end a leap second": ({"end_time": "2016-12-31T23:59:60Z"}, "end_time"),
    "notes a number": ({"notes": 5}, "notes"),
    "notes with NUL": ({"notes": "a\0b"}, "notes"),
    "notes too long": ({"notes": "n" * 10_001}, "notes"),
    "sensors a number": ({"enabled_sensors": 5}, "enabled_sensors"),
    "sensors with NUL": ({"enabled_sensors": ["a\0b"]}, "enabled_sensors"),
    "units a text": ({"units": "g"}, "session.units"),
    "an unknown unit": ({"units": {"accelerometer": "mg"}}, "session.units"),
    "unit null": ({"units": {"accelerometer": None}}, "session.units"),
    "unit of no sensor": ({"units": {"": "g"}}, "session.units"),
    "unit of a long name": ({"units": {"a" * 65: "g"}}, "session.units"),
    "unit of a name with NUL": ({"units": {"a\0b": "g"}}, "session.units"),
    "too many units": ({"units": {f"sensor {number}": "g" for number in range(257)}}, "session.units"),
    "device a text": ({"device": "iPhone15,2"}, "session.device"),
    "platform a number": ({"device": {"platform": 5}}, "session.device.platform"),
    "model empty": ({"device": {"model": ""}}, "session.device.model"),
    "app_version too long": ({"device": {"app_version": "1" * 201}}, "session.device.app_version"),
    "os_version of two lines": ({"device": {"os_version": "17\n1"}}, "session.device.os_version"),
    "model with NUL": ({"device": {"model": "a\0b"}}, "session.device.model"),
    "rate zero": ({"sample_rate": 0}, "sample_rate"),
    "rate negative": ({"sample_rate": -1}, "sample_rate"),
    "rate too high": ({"sample_rate": 1e300}, "sample_rate"),
    "rate as text": ({"sample_rate": "100"}, "sample_rate"),
    "is_uploaded a number": ({"is_uploaded": 1}, "is_uploaded"),
}


def test_wrong_session_is_422_naming_the_field(client: Client, auth_headers: dict[str, str], db: Any) -> None:
    good = {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"}
    named = {}
    for name, (session, _) in WRONG_SESSIONS.items():
        is_whole = not isinstance(session, dict) or name.startswith("without")
        body = {} if session is ... else {"session": session if is_whole else good | session}
        reply = send(client, auth_headers, json.dumps(body).encode(), JSON)
        assert reply.status_code == 422, (name, reply.text)
        named[name] = " ".join(f"{error['field']} {error['message']}" for error in reply.json()["errors"])
    assert {name for name, (_, field) in WRONG_SESSIONS.items() if field not in named[name]} == set()
    assert is_nothing_stored(db)


@pytest.mark.parametrize("sensor_data", [None, {}, "readings", 5])
def test_sensor_data_that_is_no_list_is_422(client: Client, auth_headers: dict[str, str], sensor_data: Any) -> None:
    body = json.dumps(json.loads(BODY) | {"sensor_data": sensor_data}).encode()
    reply = send(client, auth_headers, body, JSON)
    assert_refused(reply, 422, "invalid")
    assert [error["field"] for error in reply.json()["errors"]] == ["sensor_data"]


def test_body_above_the_limit_is_413(client: Client, auth_headers: dict[str, str], db: Any) -> None:
    assert_refused(send(client, auth_headers, BODY + b" " * 10_000_000, JSON), 413, "too-large")
    assert is_nothing_stored(db)


def test_body_above_the_limit_without_a_length_is_413(client: Client, auth_headers: dict[str, str]) -> None:
    pieces = (b" " * 1_000_000 for _ in range(11))
    reply = client.post("/api/sync/push", content=pieces, headers=auth_headers | JSON)
    assert_refused(reply, 413, "too-large")
