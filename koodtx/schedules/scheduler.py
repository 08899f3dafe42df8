"""taskiq's scheduler over app.schedules: the database says which runs are due, and each is started once."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import structlog
from redis.exceptions import RedisError
from taskiq import ScheduleSource, TaskiqScheduler
from taskiq.scheduler.scheduled_task import ScheduledTask

from koodtx.jobs import notify
from koodtx.jobs.broker import JobBroker
from koodtx.jobs.task import TASKS
from koodtx.processes.cancellation import is_stopping
from koodtx.schedules import store
from koodtx.schedules.notify import CHANNEL
from koodtx.schedules.store import ScheduledRun

_log = structlog.get_logger("koodtx.schedules")
# Of a task that this scheduler does not know: a worker of another version may.
_LANE, _MAX_ATTEMPTS = "batch", 3
# The longest wait for a message, and the pause when Redis is away. taskiq's loop reads the schedules meanwhile.
_LISTEN_S = 5
_RETRY_S = 1


class DatabaseSchedules(ScheduleSource):
    """The runs that are due and have not been started."""

    def __init__(self, broker: JobBroker) -> None:
        self._broker = broker
        self._listening: asyncio.Task[None] | None = None

    async def startup(self) -> None:
        self._listening = asyncio.create_task(self._listen())

    async def shutdown(self) -> None:
        if self._listening is not None:
            self._listening.cancel()

    async def get_schedules(self) -> list[ScheduledTask]:
        async with self._broker.pool.connection() as connection:
            return [_scheduled(run) for run in await store.list_due_runs(connection)]

    async def start(self, run: ScheduledRun) -> bool:
        """Enqueues the run's job and wakes a worker up. False: another scheduler has."""
        task = TASKS.get(run.task)
        lane, max_attempts = (task.lane, task.max_attempts) if task else (_LANE, _MAX_ATTEMPTS)
        async with self._broker.pool.connection() as connection:
            is_started = await store.start_scheduled_run(
                connection, run, job_of(run), lane=lane, max_attempts=max_attempts
            )
        if is_started:
            await notify.wake_worker(self._broker.redis, lane)
            _log.info("scheduled run", schedule=run.name, task=run.task, scheduled_at=run.scheduled_at.isoformat())
        return is_started

    async def start_due(self) -> None:
        """Reads the schedules now, and starts what is due."""
        try:
            async with self._broker.pool.connection() as connection:
                due = await store.list_due_runs(connection)
            for run in due:
                await self.start(run)
        except Exception as error:  # what is due stays due, and taskiq's loop reads it again
            _log.warning("the schedules could not be read", error=type(error).__name__, detail=str(error))

    async def _listen(self) -> None:
        """Starts what is due as soon as somebody wakes the schedulers up."""
        while not is_stopping():
            try:
                async with self._broker.redis.pubsub() as pubsub:
                    await pubsub.subscribe(CHANNEL)
                    while not is_stopping():
                        if await pubsub.get_message(ignore_subscribe_messages=True, timeout=_LISTEN_S) is not None:
                            await self.start_due()
            except (RedisError, OSError) as error:
                _log.warning("no Redis: schedules are read every few seconds", error=type(error).__name__)
                await asyncio.sleep(_RETRY_S)


class RunScheduler(TaskiqScheduler):
    """A scheduled run of the database is started in one statement; tasks of other sources are sent as taskiq does."""

    async def on_ready(self, source: ScheduleSource, task: ScheduledTask) -> None:
        if not isinstance(source, DatabaseSchedules):
            await super().on_ready(source, task)
            return
        try:
            await source.start(task.labels["run"])
        except Exception as error:  # it stays due, and is read again
            _log.warning("a scheduled run could not start", error=type(error).__name__, detail=str(error))


def job_of(run: ScheduledRun) -> UUID:
    """The same for every scheduler that sees the run."""
    return uuid5(NAMESPACE_URL, f"koodtx:{run.schedule_id}:{run.scheduled_at.astimezone(UTC).isoformat()}")


def _scheduled(run: ScheduledRun) -> ScheduledTask:
    labels: dict[str, Any] = {"run": run}
    return ScheduledTask(
        task_name=run.task,
        labels=labels,
        args=[],
        kwargs=run.args,
        task_id=str(job_of(run)),
        # taskiq sends nothing twice under one id, also when it failed: a new one at each look.
        schedule_id=f"{run.name} {uuid4()}",
        # Due by the database's clock, whatever the time is here.
        time=datetime.now(UTC),
    )
