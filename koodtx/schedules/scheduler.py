"""taskiq's scheduler over app.schedules: the database says what is due, and lets each tick fire once."""

from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import structlog
from taskiq import ScheduleSource, TaskiqScheduler
from taskiq.scheduler.scheduled_task import ScheduledTask

from koodtx.jobs import notify
from koodtx.jobs.broker import JobBroker
from koodtx.schedules import store
from koodtx.schedules.store import Tick

_log = structlog.get_logger("koodtx.schedules")


class DatabaseSchedules(ScheduleSource):
    """The ticks that are due and have not fired."""

    def __init__(self, broker: JobBroker) -> None:
        self._broker = broker

    async def get_schedules(self) -> list[ScheduledTask]:
        async with self._broker.pool.connection() as connection:
            return [_scheduled(tick) for tick in await store.list_due_runs(connection)]

    async def fire(self, tick: Tick) -> bool:
        """Starts the tick's job and rings. False: another scheduler has."""
        async with self._broker.pool.connection() as connection:
            has_fired = await store.start_scheduled_run(connection, tick, job_of(tick))
        if has_fired:
            await notify.wake_worker(self._broker.redis)
            _log.info("schedule fired", schedule=tick.name, task=tick.task, scheduled_at=tick.scheduled_at.isoformat())
        return has_fired


class BatchScheduler(TaskiqScheduler):
    """A tick of ours is fired in one statement; what other sources give is sent as taskiq does."""

    async def on_ready(self, source: ScheduleSource, task: ScheduledTask) -> None:
        if not isinstance(source, DatabaseSchedules):
            await super().on_ready(source, task)
            return
        try:
            await source.fire(task.labels["tick"])
        except Exception as error:  # it stays due, and is read again
            _log.warning("a schedule could not fire", error=type(error).__name__, detail=str(error))


def job_of(tick: Tick) -> UUID:
    """The same for everybody who sees the tick."""
    return uuid5(NAMESPACE_URL, f"koodtx:{tick.schedule_id}:{tick.scheduled_at.astimezone(UTC).isoformat()}")


def _scheduled(tick: Tick) -> ScheduledTask:
    labels: dict[str, Any] = {"tick": tick}
    return ScheduledTask(
        task_name=tick.task,
        labels=labels,
        args=[],
        kwargs=tick.args,
        task_id=str(job_of(tick)),
        # taskiq sends what it has sent under an id no second time, also when that failed: a new one each reading.
        schedule_id=f"{tick.name} {uuid4()}",
        # Due by the database's clock, whatever the time is here.
        time=datetime.now(UTC),
    )
