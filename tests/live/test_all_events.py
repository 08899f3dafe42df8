"""One stream of everything of a user: /api/v1/events."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from koodtx.settings import Settings
from tests.support.requests import register
from tests.support.serving import serving
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.tasks, pytest.mark.integration]

Document = dict[str, Any]


class Stream(threading.Thread):
    """Reads the stream in a thread of its own; `messages` with their ids, until the server ends it."""

    def __init__(self, http: httpx.Client, headers: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self.messages: list[tuple[str | None, Document]] = []
        self._http = http
        self._headers = headers
        self.start()

    def run(self) -> None:
        event_id = None
        with self._http.stream("GET", "/api/v1/events", headers=self._headers, timeout=60) as reply:
            for line in reply.iter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    event_id = value
                elif name == "data":
                    self.messages.append((event_id, json.loads(value)))
                    event_id = None

    def has(self, **fields: Any) -> bool:
        """Whether a message came with these fields, of itself or of its job."""
        flat = [message | message.get("job", {}) for _, message in self.messages]
        return any(fields.items() <= message.items() for message in flat)


@pytest.fixture
def http(settings: Settings) -> Iterator[httpx.Client]:
    with serving(settings) as client:
        yield client


def push(http: httpx.Client, headers: dict[str, str], session_id: str) -> None:
    body = {"session": {"session_id": session_id, "start_time": "2025-10-09T08:53:20Z"}, "sensor_data": []}
    assert http.post("/api/sync/push", json=body, headers=headers).status_code == 200


def test_stream_has_jobs_and_sessions_and_resumes(http: httpx.Client, db: psycopg.Connection[Any]) -> None:
    headers = register(http)["headers"]
    push(http, headers, "before")
    job_id = http.post("/api/v1/analysis", json={"kind": "generate_statistics"}, headers=headers).json()["job_id"]
    stream = Stream(http, headers)
    wait_until(lambda: stream.has(type="job", job_id=job_id, status="queued"), 30)
    assert stream.messages[0] == (None, {"type": "connected"})

    push(http, headers, "walk")
    wait_until(lambda: stream.has(type="session", session_id="walk", is_deleted=False), 10)
    http.delete(f"/api/v1/jobs/{job_id}", headers=headers)
    wait_until(lambda: stream.has(type="job", job_id=job_id, status="cancelled"), 10)
    http.delete("/api/sessions/walk", headers=headers)
    wait_until(lambda: stream.has(type="session", session_id="walk", is_deleted=True), 10)

    assert not stream.has(session_id="before", type="session")
    numbers = [int(number) for number, message in stream.messages if message["type"] == "session" and number]
    assert numbers == sorted(numbers)
    resumed = Stream(http, headers | {"Last-Event-ID": str(numbers[0])})
    wait_until(lambda: resumed.has(type="session", session_id="walk", is_deleted=True), 10)
    db.execute("update app.logins set revoked_at = now()")
    for one in (stream, resumed):
        one.join(20)
        assert not one.is_alive()
        assert one.messages[-1][1]["type"] == "error"


def test_stream_has_nothing_of_another_user(http: httpx.Client, db: psycopg.Connection[Any]) -> None:
    mine, others = (register(http, name)["headers"] for name in ("anna", "boris"))
    stream = Stream(http, mine)
    wait_until(lambda: stream.has(type="connected"), 10)

    push(http, others, "theirs")
    job = http.post("/api/v1/analysis", json={"kind": "generate_statistics"}, headers=others).json()
    push(http, mine, "mine")

    wait_until(lambda: stream.has(type="session", session_id="mine"), 10)
    assert not stream.has(session_id="theirs")
    assert not stream.has(job_id=job["job_id"])
    # The stream ends with its login, and the server can stop.
    db.execute("update app.logins set revoked_at = now()")
    stream.join(20)
