"""taskiq on top of app.jobs: every way to start a task writes a job row, and a worker runs what it can claim."""

import asyncio
from collections.abc import AsyncGenerator
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
from koodtx.errors import KoodtxError, NotFound
from koodtx.jobs import notify, store
from koodtx.jobs.arguments import named_arguments, run_at_of
from koodtx.jobs.messages import ENDED, Job
from koodtx.processes.cancellation import is_stopping

# How often a worker looks for itself: what a missed bell, a delay or a dead worker costs at most beyond the lease.
_LOOK_EVERY_MS = 2000

_log = structlog.get_logger("koodtx.jobs")


class JobBroker(RedisStreamBroker):
    """`kick` writes a job (the task's id is the job's) and rings; `listen` claims jobs, bell or no bell."""

    def __init__(self, redis_url: str, pool: AsyncConnectionPool) -> None:
        super().__init__(redis_url, queue_name=notify.STREAM, consumer_group_name="workers", consumer_id="0")
        self.pool = pool
        self.redis = Redis.from_url(redis_url, socket_timeout=5, socket_connect_timeout=1)
        self.id_generator = lambda: str(uuid4())
        self.result_backend = JobResults(self)

    async def startup(self) -> None:
        await self.pool.open()
        try:
            await super().startup()
        except (RedisError, OSError) as error:
            _log.warning("no Redis: workers look for work themselves", error=type(error).__name__)

    async def shutdown(self) -> None:
        await super().shutdown()
        await self.redis.aclose()
        await self.pool.close()

    async def kick(self, message: BrokerMessage) -> None:
        call = self.formatter.loads(message.message)
        task = self.find_task(call.task_name)
        if task is None:
            raise NotFound(f"there is no task {call.task_name}")
        arguments, run_at = named_arguments(task, call.args, call.kwargs), run_at_of(call)
        async with self.pool.connection() as connection:
            await store.enqueue(connection, task.task_name, arguments, job_id=UUID(call.task_id), run_at=run_at)
        await notify.wake_worker(self.redis)

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        while not is_stopping():
            try:
                while (job := await self._claim()) is not None:
                    yield AckableMessage(data=self._message(job), ack=_nothing_to_acknowledge)
            except Exception as error:  # the database is away: the worker waits for it
                _log.warning("jobs could not be claimed", error=type(error).__name__)
                await asyncio.sleep(1)
            if not is_stopping():
                await self._wait_for_bell()

    async def _claim(self) -> Job | None:
        async with self.pool.connection() as connection:
            job = await store.claim_job(connection)
        if job is not None:
            await notify.publish_state(self.redis, job)
        return job

    def _message(self, job: Job) -> bytes:
        task = self.find_task(job.kind)
        labels: dict[str, Any] = {**(task.labels if task else {}), "attempt": job.attempt}
        message = TaskiqMessage(task_id=str(job.id), task_name=job.kind, labels=labels, args=[], kwargs=job.arguments)
        return self.formatter.dumps(message).message

    async def _wait_for_bell(self) -> None:
        try:
            await self.redis.xreadgroup(
                self.consumer_group_name,
                self.consumer_name,
                {notify.STREAM: ">"},
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
        error = result.error
        async with self._broker.pool.connection() as connection:
            job = await store.finish_job(
                connection,
                UUID(task_id),
                attempt,
                result=None if result.is_err else msgspec.to_builtins(result.return_value),
                error=_reason(error) if result.is_err else None,
                # What the caller did wrong, and what took too long, does not get better by repeating it.
                is_final=isinstance(error, TimeoutError) or (isinstance(error, KoodtxError) and error.status < 500),
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


def _reason(error: BaseException | None) -> str:
    """What its owner is told; the traceback is in the worker's log."""
    if isinstance(error, TimeoutError):
        return "it took longer than it may"
    known = translated(error) if isinstance(error, psycopg.Error) else error
    if isinstance(known, KoodtxError):
        return str(known)
    return f"something went wrong on our side ({type(error).__name__})"


async def _nothing_to_acknowledge() -> None:
    """The lease is the acknowledgement."""
