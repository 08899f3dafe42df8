"""The worker and the scheduler: `taskiq worker koodtx.worker:broker`, `taskiq scheduler koodtx.worker:scheduler`.

Imports every tasks.py, so that all tasks are registered. Any Python program that imports it can use `.kiq()`.
"""

import asyncio

from taskiq import TaskiqEvents, TaskiqState, async_shared_broker
from taskiq.schedule_sources import LabelScheduleSource

from koodtx import settings as settings_module
from koodtx.analysis import tasks as analysis_tasks
from koodtx.database.pool import make_pool
from koodtx.jobs.attempt import Heartbeat
from koodtx.jobs.broker import JobBroker
from koodtx.logs import configure_logs
from koodtx.maintenance import tasks as maintenance_tasks
from koodtx.processes.parent_death import end_with_parent
from koodtx.schedules.scheduler import BatchScheduler, DatabaseSchedules

__all__ = ["analysis_tasks", "broker", "maintenance_tasks", "scheduler"]

_settings = settings_module.load()
configure_logs(_settings.log_level)

broker = JobBroker(_settings.redis_url, make_pool(_settings))
async_shared_broker.default_broker(broker)
scheduler = BatchScheduler(broker, [DatabaseSchedules(broker), LabelScheduleSource(broker)])


@broker.on_event(TaskiqEvents.WORKER_STARTUP)
async def start_heartbeat(state: TaskiqState) -> None:
    """Starts the heartbeat of all jobs of this process."""
    end_with_parent()
    state.heartbeat = Heartbeat(broker.pool)
    state.beating = asyncio.create_task(state.heartbeat.beat_forever())


@broker.on_event(TaskiqEvents.WORKER_SHUTDOWN)
async def stop_heartbeat(state: TaskiqState) -> None:
    state.beating.cancel()
