"""Fixtures: a harness per test; push, archive and pull of sessions."""

from collections.abc import Iterator
from typing import Any

import pytest

from koodtx.settings import Settings
from tests.rollups.harness import Harness
from tests.support import requests
from tests.support.aliases import Archive, Client, Db, Document, Push
from tests.support.readings import DAY_MS, MORNING_MS


@pytest.fixture
def harness(settings: Settings) -> Iterator[Harness]:
    harness = Harness(settings)
    yield harness
    harness.close()


@pytest.fixture
def push(client: Client, auth_headers: dict[str, str]) -> Push:
    """Pushes readings of a session, each (sensor type, epoch milliseconds, data); returns the reply."""

    def push(*readings: tuple[str, float, Document], session_id: str = "walk", **more: Any) -> Document:
        items = [{"sensor_type": sensor, "timestamp": at, "data": data} for sensor, at, data in readings]
        session = {"session_id": session_id, "start_time": MORNING_MS, "end_time": MORNING_MS + DAY_MS}
        return requests.push(client, auth_headers, {"session": session, "sensor_data": items} | more)

    return push


@pytest.fixture
def archive(db: Db) -> Archive:
    """Archives a session by its session_id; returns the number of readings deleted and of rollup rows written."""

    def archive(session_id: str = "walk") -> tuple[int, int]:
        row = db.execute(
            "select archived.* from app.recording_sessions as s, app.archive_readings(s.id) as archived"
            " where s.session_id = %s",
            [session_id],
        ).fetchone()
        assert row is not None
        return row

    return archive


@pytest.fixture
def community(db: Db) -> Db:
    """A connection to a database with TimescaleDB Community, whose jobs run only when a test starts them."""
    if db.execute("select app.edition()").fetchone() != ("community",):
        pytest.skip("this server has no TimescaleDB Community")
    db.execute("select alter_job(job_id, scheduled => false) from timescaledb_information.jobs")
    return db
