"""Quotas and rates, each set low here."""

import gzip
import json
from typing import Any

import msgspec
import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from koodtx.errors import TooMany
from koodtx.settings import Settings
from koodtx.web.body import InFlight
from tests.support.aliases import Call

pytestmark = [pytest.mark.api, pytest.mark.sync]


@pytest.fixture
def settings(settings: Settings, limits: dict[str, int]) -> Settings:
    return msgspec.structs.replace(settings, **limits)


@pytest.mark.parametrize("limits", [{"max_user_readings": 150}])
def test_quota_refuses_readings_beyond_it(push: Call, reading: Any, db: psycopg.Connection[Any]) -> None:
    push([reading(index) for index in range(100)])
    reply = push([reading(1000 + index) for index in range(60)], "run", status=429)
    assert reply["type"] == "urn:koodtx:problem:quota-exceeded"
    assert db.execute("select count(*) from app.sensor_data").fetchone() == (100,)
    assert db.execute("select count(*) from app.recording_sessions").fetchone() == (1,)


@pytest.mark.parametrize("limits", [{"max_user_readings": 150}])
def test_quota_may_be_used_to_its_end(push: Call, reading: Any) -> None:
    push([reading(index) for index in range(100)])
    assert push([reading(1000 + index) for index in range(50)])["inserted"] == 50


@pytest.mark.parametrize("limits", [{"max_user_readings": 150}])
def test_quota_used_up_still_takes_a_retry(push: Call, reading: Any) -> None:
    batch = [reading(index) for index in range(150)]
    push(batch, push_id="one")
    assert push(batch, push_id="one")["replayed"] is True
    assert push(batch)["duplicates"] == 150


@pytest.mark.parametrize("limits", [{"max_user_readings": 150}])
def test_quota_counts_each_user_alone(push: Call, reading: Any, create_user: Call) -> None:
    batch = [reading(index) for index in range(150)]
    push(batch)
    assert push(batch, headers=create_user("other")["headers"])["inserted"] == 150


@pytest.mark.parametrize("limits", [{"max_user_readings": 150}])
def test_quota_is_given_back_by_deleting(
    push: Call, reading: Any, client: TestClient[Litestar], auth_headers: dict[str, str]
) -> None:
    push([reading(index) for index in range(150)])
    client.delete("/api/sessions/walk", headers=auth_headers)
    assert push([reading(index) for index in range(150)], "run")["inserted"] == 150


@pytest.mark.usefixtures("within_a_minute")
@pytest.mark.parametrize("limits", [{"pushes_per_minute": 3}])
def test_rate_limit_answers_429_with_retry_after(
    client: TestClient[Litestar], auth_headers: dict[str, str], other_phone: dict[str, str]
) -> None:
    body = {"session": {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"}}
    # Eight, since a new minute may begin among them.
    replies = [client.post("/api/sync/push", json=body, headers=auth_headers) for _ in range(8)]
    refused = [reply for reply in replies if reply.status_code != 200]
    assert {reply.status_code for reply in refused} == {429}
    assert refused[0].json()["type"] == "urn:koodtx:problem:too-many-requests"
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 60
    # Each device has its own.
    assert client.post("/api/sync/push", json=body, headers=other_phone).status_code == 200


@pytest.mark.parametrize("limits", [{"max_bytes_in_flight": 100_000}])
def test_bodies_in_flight_above_the_bound_are_429_with_retry_after(
    client: TestClient[Litestar], auth_headers: dict[str, str]
) -> None:
    reply = client.post(
        "/api/sync/push", content=b" " * 200_000, headers=auth_headers | {"Content-Type": "application/json"}
    )
    assert reply.status_code == 429
    assert reply.headers["Retry-After"] == "1"


@pytest.mark.parametrize("limits", [{"max_bytes_in_flight": 100_000}])
def test_bodies_in_flight_count_what_gzip_unpacks_to(
    client: TestClient[Litestar], auth_headers: dict[str, str]
) -> None:
    headers = auth_headers | {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert client.post("/api/sync/push", content=gzip.compress(b" " * 200_000), headers=headers).status_code == 429


@pytest.mark.parametrize("limits", [{"max_bytes_in_flight": 100_000}])
def test_bodies_in_flight_are_given_back_however_the_request_ends(
    app: Litestar, client: TestClient[Litestar], auth_headers: dict[str, str]
) -> None:
    headers = auth_headers | {"Content-Type": "application/json"}
    good = json.dumps({"session": {"session_id": "walk", "start_time": "2025-10-09T08:53:20Z"}}).encode()
    for content in (good, b"{", b" " * 200_000, b'{"session": 5}', good + b" " * 90_000):
        client.post("/api/sync/push", content=content, headers=headers)
        assert app.state.in_flight.held == 0


@pytest.mark.parametrize("limits", [{"max_body_bytes": 1000, "max_inflated_bytes": 2000, "max_push_readings": 2}])
def test_sizes_follow_the_settings(
    push: Call, reading: Any, client: TestClient[Litestar], auth_headers: dict[str, str]
) -> None:
    push([reading(0), reading(1)])
    push([reading(0), reading(1), reading(2)], status=413)
    headers = auth_headers | {"Content-Type": "application/json"}
    assert client.post("/api/sync/push", content=b" " * 1001, headers=headers).status_code == 413
    packed = gzip.compress(b" " * 2001)
    headers |= {"Content-Encoding": "gzip"}
    assert client.post("/api/sync/push", content=packed, headers=headers).status_code == 413


@pytest.mark.unit
def test_in_flight_takes_bytes_up_to_its_bound() -> None:
    in_flight = InFlight(10, 10)
    in_flight.reserve(1, 10)
    with pytest.raises(TooMany):
        in_flight.reserve(1, 1)
    assert in_flight.held == 10
