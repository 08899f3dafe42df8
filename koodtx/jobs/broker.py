"""taskiq on top of app.jobs: every way to start a task writes a job row, and a worker runs what it can claim.

Of taskiq stay its tasks, `.kiq()`, the worker's processes and the scheduler's loop; broker and results are these.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError
from taskiq import AckableMessage, AsyncResultBackend, BrokerMessage, TaskiqMessage, TaskiqResult
from taskiq_redis import RedisStreamBroker

from koodtx.database.query import translated
from koodtx.errors import KoodtxError
from koodtx.jobs import notify, store
from koodtx.jobs.arguments import run_at_of
from koodtx.jobs.attempt import Scope
from koodtx.jobs.messages import ENDED, LANES, Job
from koodtx.jobs.task import TASKS, find_task
from koodtx.processes.cancellation import is_stopping

# How often a worker looks by itself: what a lost wake-up, a delay or a dead worker costs at most beyond the lease.
_LOOK_EVERY_MS = 2000

_log = structlog.get_logger("koodtx.jobs")


class JobBroker(RedisStreamBroker):
    """`kick` writes a job (the task's id is the job's) and wakes a worker up; `listen` claims jobs of its lanes."""

    def __init__(self, redis_url: str, pool: AsyncConnectionPool, lanes: Sequence[str] = LANES) -> None:
        first, *others = lanes
        super().__init__(
            redis_url,
            queue_name=notify.stream_of(first),
            additional_streams={notify.stream_of(lane): ">" for lane in others},
            consumer_group_name="workers",
            consumer_id="0",
        )
        self.pool = pool
        self.redis = Redis.from_url(redis_url, socket_timeout=5, socket_connect_timeout=1)
        self.lanes = lanes
        self.id_generator = lambda: str(uuid4())
        self.result_backend = JobResults(self)

    @property
    def scope(self) -> Scope:
        """What this worker claims: every task that is registered, in its lanes."""
        return Scope(list(TASKS), self.lanes)

    async def startup(self) -> None:
        await self.pool.open()
        try:
            await super().startup()
        except (RedisError, OSError) as error:
            _log.warning("no Redis: workers look for jobs themselves", error=type(error).__name__)

    async def shutdown(self) -> None:
        await super().shutdown()
        await self.redis.aclose()
        await self.pool.close()

    async def kick(self, message: BrokerMessage) -> None:
        call = self.formatter.loads(message.message)
        task = find_task(call.task_name)
        arguments, run_at = task.checked(call.kwargs), run_at_of(call.labels)
        async with self.pool.connection() as connection:
            await task.enqueue(connection, arguments, job_id=UUID(call.task_id), run_at=run_at)
        await notify.wake_worker(self.redis, task.lane)

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        while not is_stopping():
            try:
                while (job := await self._claim()) is not None:
                    yield AckableMessage(data=self._message(job), ack=_nothing_to_acknowledge)
            except Exception as error:  # the database is away: the worker waits for it
                _log.warning("jobs could not be claimed", error=type(error).__name__)
                await asyncio.sleep(1)
            if not is_stopping():
                await self._wait_to_be_woken()

    async def _claim(self) -> Job | None:
        async with self.pool.connection() as connection:
            job = await store.claim_job(connection, self.scope.tasks, self.scope.lanes)
        if job is not None:
            await notify.publish_state(self.redis, job)
        return job

    def _message(self, job: Job) -> bytes:
        task = self.find_task(job.task)
        labels: dict[str, Any] = {**(task.labels if task else {}), "attempt": job.attempt}
        message = TaskiqMessage(
            task_id=str(job.id), task_name=job.task, labels=labels, args=[], kwargs={"arguments": job.arguments}
        )
        return self.formatter.dumps(message).message

    async def _wait_to_be_woken(self) -> None:
        try:
            await self.redis.xreadgroup(
                self.consumer_group_name,
                self.consumer_name,
                {notify.stream_of(lane): ">" for lane in self.lanes},
                count=1,
                block=_LOOK_EVERY_MS,
                noack=True,
            )
        except ResponseError:  # the stream is new: Redis was emptied
            await self._declare_consumer_group()
        except (RedisError, OSError):
            await asyncio.sleep(_LOOK_EVERY_MS / 1000)


class JobResults(AsyncResultBackend[Any]):
    """A task's result is its job's: saving it ends the attempt, and only if the attempt still counts."""

    def __init__(self, broker: JobBroker) -> None:
        self._broker = broker

    async def set_result(self, task_id: str, result: TaskiqResult[Any]) -> None:
        attempt = int(result.labels["attempt"])
        error = _known(result.error)
        async with self._broker.pool.connection() as connection:
            job = await store.finish_job(
                connection,
                UUID(task_id),
                attempt,
                result=None if result.is_err else msgspec.to_builtins(result.return_value),
                error=_reason(error, result.labels) if result.is_err else None,
                is_final=_is_final(error),
            )
        if job is not None:
            await notify.publish_state(self._broker.redis, job)

    async def is_result_ready(self, task_id: str) -> bool:
        async with self._broker.pool.connection() as connection:
            job = await store.get_job(connection, UUID(task_id))
        return job is not None and job.status in ENDED

    async def get_result(self, task_id: str, with_logs: bool = False) -> TaskiqResult[Any]:
        async with self._broker.pool.connection() as connection:
            job = await store.get_job(connection, UUID(task_id))
        assert job is not None
        return TaskiqResult(
            is_err=job.error is not None,
            return_value=job.result,
            execution_time=job.processing_time_s or 0.0,
            error=None if job.error is None else KoodtxError(job.error),
        )


def _known(error: BaseException | None) -> BaseException | None:
    """Our error for one of the database's."""
    return (translated(error) or error) if isinstance(error, psycopg.Error) else error


def _is_final(error: BaseException | None) -> bool:
    """Returns whether another attempt is useless: after a timeout, or an error of the caller."""
    return isinstance(error, TimeoutError) or (isinstance(error, KoodtxError) and not error.is_retryable)


def _reason(error: BaseException | None, labels: dict[str, Any]) -> str:
    """Returns the error as the job's user reads it; the traceback is in the worker's log."""
    if isinstance(error, TimeoutError):
        return f"timed out after {float(labels['timeout']):g} s"
    if isinstance(error, KoodtxError):
        return str(error)
    return f"something went wrong on our side ({type(error).__name__})"


async def _nothing_to_acknowledge() -> None:
    """The lease is the acknowledgement."""
