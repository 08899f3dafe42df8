"""A job that a test drives as a worker would: claim, report, finish, notify."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import psycopg
from redis.asyncio import Redis

from koodtx.database.query import Connection
from koodtx.jobs import notify, store
from koodtx.jobs.messages import LANES, Job
from koodtx.jobs.task import TASKS
from koodtx.settings import Settings


class JobDriver:
    """Does to one job what a worker does; `is_silent`: without notifying, as when Redis is away."""

    def __init__(self, settings: Settings, job_id: str) -> None:
        self.job_id = job_id
        self.is_silent = False
        self._settings = settings

    def claim(self) -> None:
        self._do(lambda connection: store.claim_job(connection, list(TASKS), LANES))

    def report(self, progress: int, message: str) -> None:
        self._do(lambda connection: store.report_progress(connection, UUID(self.job_id), 1, progress, message))

    def complete(self, result: dict[str, Any]) -> None:
        self._do(lambda connection: store.finish_job(connection, UUID(self.job_id), 1, result=result))

    def fail(self, error: str) -> None:
        self._do(lambda connection: store.finish_job(connection, UUID(self.job_id), 1, error=error, is_final=True))

    def _do(self, step: Callable[[Connection], Awaitable[Job | None]]) -> None:
        async def main() -> None:
            url = self._settings.database_url
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                job = await step(connection)
            assert job is not None
            if not self.is_silent:
                async with Redis.from_url(self._settings.redis_url) as redis:
                    await notify.publish_state(redis, job)

        asyncio.run(main())
