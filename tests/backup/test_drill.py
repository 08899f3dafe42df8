"""The drill: a real recording, jobs and their results; the database is lost, restored, and all of it is there."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from litestar.testing import TestClient

from koodtx.app import create_app
from koodtx.demo.recording import SENSORS, read_recording
from koodtx.resources import project_folder
from koodtx.settings import Settings
from tests.support import requests
from tests.support.aliases import Client, Document, Restore, Wreck
from tests.support.databases import databases, rows
from tests.support.job_driver import JobDriver
from tests.support.recordings import strapdown
from tests.support.requests import push_body
from tests.support.settings import PASSWORD

pytestmark = [pytest.mark.integration]


_BATCH = 20_000
_ACCOUNT = {"username": "mina", "email": "mina@example.org", "password": PASSWORD, "device_id": "phone"}
_CONTEXT = {"units": {"accelerometer": "m/s2"}, "device": {"platform": "android", "app_version": "1.0"}}
_LABELS = {"labels": [{"label": "driving", "from": "2025-06-11T20:34:24Z", "to": "2025-06-11T21:01:24Z"}]}


def recordings() -> Iterator[tuple[str, list[Document]]]:
    """A walk with five sensors at 50 Hz, and a drive of 27 minutes at 1 Hz."""
    yield (
        "campus-walk",
        [
            {"sensor_type": reading.sensor_type, "timestamp": reading.timestamp_ms, "data": reading.data}
            for reading in read_recording(project_folder("examples") / "sensorlogger_ethz")
        ],
    )
    yield "drive", strapdown()


def push(client: Client, headers: Document, session_id: str, readings: list[Document]) -> list[Document]:
    times = {"start_time": "2025-06-11T20:34:24Z", "end_time": "2025-06-11T21:01:24Z"}
    replies = []
    for first in range(0, len(readings), _BATCH):
        batch, push_id = readings[first : first + _BATCH], f"{session_id}-{first}"
        body = push_body(
            batch, session_id, push_id=push_id, enabled_sensors=list(SENSORS.values()), **_CONTEXT, **times
        )
        replies.append(requests.push(client, headers, body))
    return replies


def pull(client: Client, headers: Document, cursor: str | None = None) -> tuple[list[Document], str]:
    """Every page, without what each reply has of its own; the last cursor."""
    sessions = []
    while True:
        reply = requests.pull(client, headers, cursor=cursor)
        sessions += reply["sessions"]
        cursor = reply["cursor"]
        if not reply["has_more"]:
            assert cursor is not None
            return sessions, cursor


def ask_for_analysis(client: Client, settings: Settings, headers: Document, url: str) -> JobDriver:
    """A finished job, with what the database computes as its result."""
    question = {"kind": "analyze_sensor_data", "session_id": "campus-walk"}
    driver = JobDriver(settings, client.post("/api/v1/analysis", json=question, headers=headers).json()["job_id"])
    driver.claim()
    driver.complete(analysis(url)["campus-walk"])
    return driver


def analysis(url: str) -> Document:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "select session_id, analytics.session_analysis(recording_id) from analytics.sessions"
        )
        return dict(found.fetchall())


def read(client: Client, headers: Document, job_id: str) -> list[Any]:
    paths = ("/api/sessions", f"/api/v1/analysis/{job_id}", f"/api/v1/analysis/{job_id}/result", "/api/auth/me")
    return [client.get(path, headers=headers).json() for path in paths]


def sync_epoch(url: str) -> Any:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute("select id from app.sync_epoch").fetchone()


@pytest.mark.long
def test_all_is_equal_after_the_database_was_lost_and_restored(
    settings: Settings,
    server: str,
    database_url: str,
    back_up: Callable[[], list[str]],
    wreck: Wreck,
    put_back: Restore,
    file: Path,
) -> None:
    with TestClient(create_app(settings)) as client:
        registered = client.post("/api/auth/register", json=_ACCOUNT).json()
        headers = {"Authorization": f"Bearer {registered['access_token']}"}
        pushed = {name: push(client, headers, name, readings) for name, readings in recordings()}
        driver = ask_for_analysis(client, settings, headers, database_url)
        assert client.put("/api/sessions/drive/labels", json=_LABELS, headers=headers).status_code == 200
        sessions, cursor = pull(client, headers)
        before = rows(database_url), analysis(database_url), read(client, headers, driver.job_id)
        old_sync_epoch = sync_epoch(database_url)
    assert sum(reply["inserted"] for replies in pushed.values() for reply in replies) > 100_000

    back_up()
    wreck()
    put_back()

    assert rows(database_url) == before[0]
    assert is_alike(analysis(database_url), before[1])
    assert sync_epoch(database_url) != old_sync_epoch
    assert databases(server) == set()
    with TestClient(create_app(settings)) as client:
        assert read(client, headers, driver.job_id) == before[2]
        refused = client.post("/api/sync/pull", json={"cursor": cursor}, headers=headers)
        assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (410, "resync")
        again, _ = pull(client, headers)
        assert contents(again) == contents(sessions)
        # A client that got 410 resync pushes all it holds again: the ids of its pushes are known.
        for name, readings in recordings():
            assert push(client, headers, name, readings) == [reply | {"replayed": True} for reply in pushed[name]]
        new = push(client, headers, "after", strapdown()[:100])
        assert new[0]["inserted"] == 100


def is_alike(found: Any, expected: Any) -> bool:
    """Equal but for the last digits of numbers: the order in which a sum is made follows the place of rows on disk."""
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(is_alike(found[key], expected[key]) for key in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(is_alike, found, expected))
    if isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=1e-9)
    return bool(found == expected)


def contents(sessions: list[Document]) -> Document:
    """Sessions by their id, their readings joined from however many pages."""
    found: Document = {}
    for session in sessions:
        readings = found.get(session["session_id"], {}).get("sensor_data", [])
        found[session["session_id"]] = session | {"sensor_data": readings + session["sensor_data"]}
    return {
        name: {key: value for key, value in session.items() if key != "is_complete"} for name, session in found.items()
    }
