"""A world of its own for each test; sessions whose days are sealed."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from koodtx.settings import Settings
from tests.rollups.world import World

Document = dict[str, Any]
Push = Callable[..., Document]
Seal = Callable[..., tuple[int, int]]

# 2025-06-02T10:00Z
MORNING_MS = 1_748_858_400_000
DAY_MS = 86_400_000


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    world = World(settings)
    yield world
    world.close()


@pytest.fixture
def push(client: TestClient[Litestar], auth_headers: dict[str, str]) -> Push:
    """Pushes readings of a session, (sensor type, epoch milliseconds, data) each; the reply."""

    def push(*readings: tuple[str, float, Document], session_id: str = "walk", **more: Any) -> Document:
        items = [{"sensor_type": sensor, "timestamp": at, "data": data} for sensor, at, data in readings]
        session = {"session_id": session_id, "start_time": MORNING_MS, "end_time": MORNING_MS + DAY_MS}
        reply = client.post(
            "/api/sync/push", json={"session": session, "sensor_data": items} | more, headers=auth_headers
        )
        assert reply.status_code == 200, reply.text
        answer: Document = reply.json()
        return answer

    return push


@pytest.fixture
def seal(db: psycopg.Connection[Any]) -> Seal:
    """Seals a session by the phone's name: readings deleted, rows of rollups written."""

    def seal(session_id: str = "walk") -> tuple[int, int]:
        row = db.execute(
            "select sealed.* from app.recording_sessions as s, app.archive_readings(s.id) as sealed"
            " where s.session_id = %s",
            [session_id],
        ).fetchone()
        assert row is not None
        return row

    return seal


@pytest.fixture
def pull(client: TestClient[Litestar], auth_headers: dict[str, str]) -> Callable[[], Document]:
    """What a new phone pulls."""

    def pull() -> Document:
        reply = client.post("/api/sync/pull", json={"cursor": None}, headers=auth_headers)
        assert reply.status_code == 200, reply.text
        answer: Document = reply.json()
        return answer

    return pull


@pytest.fixture
def community(db: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """A look into a database of TimescaleDB Community; jobs run only when a test says so."""
    if db.execute("select app.edition()").fetchone() != ("community",):
        pytest.skip("this server has no TimescaleDB Community")
    db.execute("select alter_job(job_id, scheduled => false) from timescaledb_information.jobs")
    return db
