"""The worker and the scheduler: `taskiq worker koodtx.worker:broker`, `taskiq scheduler koodtx.worker:scheduler`.

Importing it also lets `.kiq()` of every task work from any Python program.
"""

import asyncio

from taskiq import TaskiqEvents, TaskiqState, async_shared_broker
from taskiq.schedule_sources import LabelScheduleSource

from koodtx import settings as settings_module
from koodtx import tasks
from koodtx.database.pool import make_pool
from koodtx.jobs.broker import JobBroker
from koodtx.jobs.heartbeat import Heartbeat
from koodtx.logs import configure_logs
from koodtx.processes.parent_death import end_with_parent
from koodtx.schedules.scheduler import DatabaseSchedules, RunScheduler

__all__ = ["broker", "scheduler", "tasks"]

_settings = settings_module.load()
configure_logs(_settings.log_level)

broker = JobBroker(_settings.redis_url, make_pool(_settings), _settings.worker_lane_list)
async_shared_broker.default_broker(broker)
scheduler = RunScheduler(broker, [DatabaseSchedules(broker), LabelScheduleSource(broker)])


@broker.on_event(TaskiqEvents.WORKER_STARTUP)
async def start_heartbeat(state: TaskiqState) -> None:
    """Starts the heartbeat of all jobs of this process."""
    end_with_parent()
    state.settings, state.pool, state.redis = _settings, broker.pool, broker.redis
    state.heartbeat = Heartbeat(broker.pool, broker.redis, broker.scope)
    state.beating = asyncio.create_task(state.heartbeat.beat_forever())


@broker.on_event(TaskiqEvents.WORKER_SHUTDOWN)
async def stop_heartbeat(state: TaskiqState) -> None:
    state.beating.cancel()
