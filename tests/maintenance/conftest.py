"""Tasks run here, as a worker or the command line runs them, and time that passes."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from koodtx.database.pool import make_pool
from koodtx.jobs.task import find_task
from koodtx.maintenance.messages import Run
from koodtx.maintenance.run import Options, run_cleanup
from koodtx.maintenance.tasks import CLEANUPS
from koodtx.settings import Settings
from koodtx.storage.objects import Objects
from tests.support import requests
from tests.support.aliases import Client, Db, Document, Push, RunTask
from tests.support.clock import Clock


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
                return await run_cleanup(
                    pool, Objects(settings), CLEANUPS[name], chosen, report, job_id=job_id, wait_for_lock=wait
                )

        return asyncio.run(main())

    return run


@pytest.fixture
def push(client: Client, auth_headers: Document, sensor_data_batch: list[Document]) -> Push:
    """Sends a session with accelerometer readings; `headers` may be those of another user."""

    def push(session_id: str, readings: int = 10, headers: Document | None = None, **fields: Any) -> Document:
        body = requests.push_body(sensor_data_batch[:readings], session_id, **fields)
        return requests.push(client, headers or auth_headers, body)

    return push
