"""One attempt at a job: progress, limits, and when it makes way for other jobs."""

import time
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis

from koodtx.errors import KoodtxError
from koodtx.jobs import notify, store
from koodtx.jobs.messages import Job
from koodtx.settings import Settings


class AttemptLost(KoodtxError):
    """The job was cancelled, or another worker has it."""


class SoftLimitReached(KoodtxError):
    """The job took longer than it should."""


class SliceEnded(KoodtxError):
    """The job makes way for others that wait, and goes on later."""

    is_retryable = True


class Deferred(KoodtxError):
    """The job waits for something outside, and goes on at `run_at`. `message`: what its user reads meanwhile."""

    is_retryable = True

    def __init__(self, run_at: datetime, message: str) -> None:
        super().__init__(message)
        self.run_at = run_at
        self.message = message


class Limits(Struct, frozen=True):
    """Seconds of one attempt.

    At `soft_s` its next report ends it, so that a task can save what it has; at `hard_s` the worker does. After each
    `slice_s` it makes way for other jobs that wait; None: never.
    """

    soft_s: float
    hard_s: float
    slice_s: float | None = None


class Scope(Struct, frozen=True):
    """What a worker claims: the tasks that it knows, in its lanes, the first lane first."""

    tasks: Sequence[str]
    lanes: Sequence[str]


class Attempt:
    """What a task knows of the job that it runs."""

    def __init__(
        self,
        settings: Settings,
        pool: AsyncConnectionPool,
        redis: Redis | None,
        job_id: UUID,
        number: int,
        limits: Limits,
        scope: Scope,
    ) -> None:
        self.settings = settings
        self.pool = pool
        self.job_id = job_id
        self.number = number
        self._redis = redis
        self._started = time.monotonic()
        self._limits = limits
        self._scope = scope

    @property
    def seconds_left(self) -> float:
        """Until the hard limit; at least a second, for the statement that cleans up."""
        return max(1.0, self._limits.hard_s - self._elapsed_s())

    async def report(self, progress: int, message: str) -> None:
        """Publishes how far the job is. Raises AttemptLost, SoftLimitReached, SliceEnded."""
        async with self.pool.connection() as connection:
            job = await store.report_progress(connection, self.job_id, self.number, progress, message)
            if job is None:
                raise AttemptLost
            is_awaited = self._is_slice_over() and await store.has_due_job(
                connection, self._scope.tasks, self._scope.lanes
            )
        await notify.publish_state(self._redis, job)
        if self._elapsed_s() > self._limits.soft_s:
            raise SoftLimitReached
        if is_awaited:
            raise SliceEnded

    async def make_way(self) -> None:
        """Queues the job again, behind others of its rank."""
        async with self.pool.connection() as connection:
            job = await store.yield_job(connection, self.job_id, self.number)
        if job is not None:
            await notify.publish_state(self._redis, job)

    async def defer(self, run_at: datetime, message: str) -> None:
        """Queues the job again for a time."""
        async with self.pool.connection() as connection:
            job = await store.defer_job(connection, self.job_id, self.number, run_at, message)
        if job is not None:
            await notify.publish_state(self._redis, job)

    async def publish(self, job: Job) -> None:
        """Publishes a state that the task itself has written. To be called after the commit."""
        await notify.publish_state(self._redis, job)

    async def wake_worker(self, lane: str) -> None:
        """Wakes a worker for a job that the task itself has enqueued. To be called after the commit."""
        await notify.wake_worker(self._redis, lane)

    def _is_slice_over(self) -> bool:
        return self._limits.slice_s is not None and self._elapsed_s() > self._limits.slice_s

    def _elapsed_s(self) -> float:
        return time.monotonic() - self._started
