"""A reply that fails midway, over a real connection: it must never parse."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from koodtx.settings import Settings
from tests.support.requests import register
from tests.support.serving import serving
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.sync]


@pytest.fixture
def service(settings: Settings) -> Iterator[httpx.Client]:
    with serving(settings) as client:
        yield client


@pytest.fixture
def headers(service: httpx.Client) -> dict[str, str]:
    # In gzip all of these readings would fit the buffers of a connection.
    return register(service)["headers"] | {"Accept-Encoding": "identity"}


@pytest.fixture
def long_session(service: httpx.Client, headers: dict[str, str], db: psycopg.Connection[Any]) -> None:
    """Thirty thousand readings of a kilobyte: more than connections buffer, and three slices."""
    items = [{"sensor_type": "note", "timestamp": 1_760_000_000_000 + at, "data": {"a": "b"}} for at in (0, 30_000)]
    body = {"session": {"session_id": "long", "start_time": "2025-10-09T08:53:20Z"}, "sensor_data": items}
    assert service.post("/api/sync/push", json=body, headers=headers).status_code == 200
    # The rest straight into the table, between the two that set the range of the pull.
    db.execute(
        """
        insert into app.sensor_data (recording_id, sensor_type_id, recorded_at, extra)
        select first.recording_id, first.sensor_type_id, first.recorded_at + interval '1 ms' * number,
            jsonb_build_object('a', repeat('b', 1000))
        from (select * from app.sensor_data order by recorded_at limit 1) as first,
            generate_series(1, 29999) as number
        """
    )


@pytest.mark.usefixtures("long_session")
def test_whole_reply_parses(service: httpx.Client, headers: dict[str, str]) -> None:
    reply = service.post("/api/sync/pull", json={}, headers=headers).json()
    assert len(reply["sessions"][0]["sensor_data"]) == 30_001


@pytest.mark.usefixtures("long_session")
def test_cut_reply_ends_the_connection_and_never_parses(
    service: httpx.Client, headers: dict[str, str], db: psycopg.Connection[Any]
) -> None:
    received: list[bytes] = []
    with service.stream("POST", "/api/sync/pull", json={}, headers=headers) as reply:
        pieces = reply.iter_raw(1000)
        received.append(next(pieces))
        db.execute("drop function app.readings_json")
        with pytest.raises(httpx.RemoteProtocolError):
            received.extend(pieces)
    assert received[0].startswith(b'{"sessions":[{')
    with pytest.raises(json.JSONDecodeError):
        json.loads(b"".join(received))


@pytest.mark.usefixtures("long_session")
def test_service_goes_on_after_a_reader_who_left(
    service: httpx.Client, headers: dict[str, str], db: psycopg.Connection[Any]
) -> None:
    for _ in range(12):  # more than the pool has connections
        with service.stream("POST", "/api/sync/pull", json={}, headers=headers) as reply:
            next(reply.iter_raw(1000))
    assert service.get("/api/sync/status", headers=headers).status_code == 200
    wait_until(lambda: _busy_connections(db) == 0, 10)


def _busy_connections(db: psycopg.Connection[Any]) -> int:
    row = db.execute(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and application_name = 'koodtx' and state <> 'idle'"
    ).fetchone()
    assert row is not None
    count: int = row[0]
    return count
