"""The heartbeat of a worker process: it renews leases and reports jobs that no worker can claim."""

import asyncio
import os
import socket
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis

from koodtx.jobs import notify, store
from koodtx.jobs.attempt import Scope
from koodtx.processes.cancellation import is_stopping

_INTERVAL_S = 10
# The lease lasts 30 s: an attempt that may have lost it ends itself before another begins.
_GIVE_UP_AFTER_S = 25
# For so long a job of an unknown task may be one of a version that is just being deployed.
_UNCLAIMED_AFTER = timedelta(seconds=60)

_log = structlog.get_logger("koodtx.jobs")


class Heartbeat:
    """Renews the leases of all attempts of this process, and ends those that lost theirs."""

    def __init__(self, pool: AsyncConnectionPool, redis: Redis | None, scope: Scope) -> None:
        self.scope = scope
        self._pool = pool
        self._redis = redis
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._attempts: dict[tuple[UUID, int], asyncio.Task[Any]] = {}

    def add(self, job_id: UUID, attempt: int, task: asyncio.Task[Any]) -> None:
        self._attempts[job_id, attempt] = task

    def remove(self, job_id: UUID, attempt: int) -> None:
        self._attempts.pop((job_id, attempt), None)

    async def beat_forever(self) -> None:
        """Ends every attempt when nothing could be renewed for so long that another worker may begin them."""
        renewed_at = time.monotonic()
        while not is_stopping():
            attempts = list(self._attempts)
            try:
                async with asyncio.timeout(_GIVE_UP_AFTER_S - 2 * _INTERVAL_S), self._pool.connection() as connection:
                    held = await store.renew_leases(connection, attempts)
                    await store.see_worker(connection, self._name, len(attempts), self.scope.lanes, self.scope.tasks)
                renewed_at = time.monotonic()
                self._end([attempt for attempt in attempts if attempt[0] not in held])
                await self._report_unclaimed()
            except Exception as error:
                _log.warning("leases could not be renewed", error=type(error).__name__)
                if time.monotonic() - renewed_at > _GIVE_UP_AFTER_S - _INTERVAL_S:
                    self._end(attempts)
            await asyncio.sleep(_INTERVAL_S)

    def _end(self, attempts: list[tuple[UUID, int]]) -> None:
        for attempt in attempts:
            if task := self._attempts.get(attempt):
                task.cancel()

    async def _report_unclaimed(self) -> None:
        async with asyncio.timeout(_INTERVAL_S), self._pool.connection() as connection:
            jobs = await store.report_unclaimed(connection, _UNCLAIMED_AFTER)
        for job in jobs:
            _log.warning("a job cannot be claimed", job_id=str(job.id), task=job.task, reason=job.message)
            await notify.publish_state(self._redis, job)
