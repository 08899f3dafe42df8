"""Tasks run here, as a worker or the command line runs them, and time that passes."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from koodtx.database.pool import make_pool
from koodtx.jobs.task import find_task
from koodtx.maintenance.messages import Run
from koodtx.maintenance.run import Options, run_cleanup
from koodtx.maintenance.tasks import CLEANUPS
from koodtx.settings import Settings
from tests.maintenance.moving import Clock

Db = psycopg.Connection[Any]
Document = dict[str, Any]
RunTask = Callable[..., Run]
Push = Callable[..., Document]


@pytest.fixture
def clock(db: Db) -> Clock:
    return Clock(db)


@pytest.fixture
def run_task(settings: Settings) -> RunTask:
    """Runs a task by its name; `job_id` as a job's; `stop` is raised by its first report."""

    def run(name: str, *, job_id: Any = None, stop: Exception | None = None, **options: Any) -> Run:
        async def report(progress: int, message: str) -> None:
            assert 0 <= progress < 100
            assert message
            if stop is not None:
                raise stop

        async def main() -> Run:
            async with make_pool(settings) as pool:
                wait = timedelta(seconds=1)
                chosen = Options(**msgspec.structs.asdict(find_task(name).checked(options)))
                return await run_cleanup(pool, CLEANUPS[name], chosen, report, job_id=job_id, wait_for_lock=wait)

        return asyncio.run(main())

    return run


@pytest.fixture
def push(client: TestClient[Litestar], auth_headers: Document, sensor_data_batch: list[Document]) -> Push:
    """Pushes a session with some readings of an accelerometer; of the user, unless other `headers` are given."""

    def push(session_id: str, readings: int = 10, headers: Document | None = None, **fields: Any) -> Document:
        session = {"session_id": session_id, "start_time": "2025-10-09T08:53:20Z"} | fields
        body = {"session": session, "sensor_data": sensor_data_batch[:readings]}
        reply = client.post("/api/sync/push", json=body, headers=headers or auth_headers)
        assert reply.status_code == 200, reply.text
        answer: Document = reply.json()
        return answer

    return push


ENDED = {"end_time": "2025-10-09T09:00:00Z"}


def value(db: Db, query: str, *parameters: Any) -> Any:
    """The one value that a query gives."""
    row = db.execute(query, parameters).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return row[0]


def stored(db: Db) -> dict[str, int]:
    """Readings that are stored, by the client's id of the session."""
    rows = db.execute(
        "select s.session_id, (select count(*) from app.sensor_data as d where d.recording_id = s.id)"
        " from app.recording_sessions as s order by s.id"
    ).fetchall()
    return dict(rows)
