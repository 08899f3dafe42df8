"""One attempt at a job: progress, limits, and the heartbeat that keeps its lease."""

import asyncio
import os
import socket
import time
from typing import Any
from uuid import UUID

import structlog
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis

from koodtx.errors import KoodtxError
from koodtx.jobs import notify, store
from koodtx.processes.cancellation import is_stopping

_HEARTBEAT_S = 10
# The lease lasts 30 s: an attempt that may have lost it stops itself before another begins.
_GIVE_UP_AFTER_S = 25

_log = structlog.get_logger("koodtx.jobs")


class AttemptLost(KoodtxError):
    """The job was cancelled, or another worker has it."""


class SoftLimitReached(KoodtxError):
    """The job has used the time it was meant to take."""


class Attempt:
    """What a task knows of the job that it runs."""

    def __init__(
        self,
        pool: AsyncConnectionPool,
        redis: Redis | None,
        job_id: UUID,
        number: int,
        soft_limit_s: float,
        limit_s: float,
    ) -> None:
        self.pool = pool
        self.job_id = job_id
        self.number = number
        self._redis = redis
        self._started = time.monotonic()
        self._soft_limit_s = soft_limit_s
        self._limit_s = limit_s

    @property
    def seconds_left(self) -> float:
        """Until the hard limit; at least a second, for the statement that cleans up."""
        return max(1.0, self._limit_s - (time.monotonic() - self._started))

    async def report(self, progress: int, message: str) -> None:
        """Tells how far the job is. Raises AttemptLost, SoftLimitReached."""
        async with self.pool.connection() as connection:
            job = await store.report_progress(connection, self.job_id, self.number, progress, message)
        if job is None:
            raise AttemptLost
        await notify.publish_state(self._redis, job)
        if time.monotonic() - self._started > self._soft_limit_s:
            raise SoftLimitReached


class Heartbeat:
    """Renews the leases of all attempts of this process, and ends those that lost theirs."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._tasks: dict[tuple[UUID, int], asyncio.Task[Any]] = {}

    def add(self, job_id: UUID, attempt: int, task: asyncio.Task[Any]) -> None:
        self._tasks[job_id, attempt] = task

    def remove(self, job_id: UUID, attempt: int) -> None:
        self._tasks.pop((job_id, attempt), None)

    async def beat_forever(self) -> None:
        """Ends every attempt when nothing could be renewed for so long that another worker may begin them."""
        renewed_at = time.monotonic()
        while not is_stopping():
            attempts = list(self._tasks)
            try:
                async with asyncio.timeout(_GIVE_UP_AFTER_S - 2 * _HEARTBEAT_S), self._pool.connection() as connection:
                    held = await store.renew_leases(connection, attempts)
                    await store.see_worker(connection, self._name, len(attempts))
                renewed_at = time.monotonic()
                self._end([attempt for attempt in attempts if attempt[0] not in held])
            except Exception as error:
                _log.warning("leases could not be renewed", error=type(error).__name__)
                if time.monotonic() - renewed_at > _GIVE_UP_AFTER_S - _HEARTBEAT_S:
                    self._end(attempts)
            await asyncio.sleep(_HEARTBEAT_S)

    def _end(self, attempts: list[tuple[UUID, int]]) -> None:
        for attempt in attempts:
            if task := self._tasks.get(attempt):
                task.cancel()
