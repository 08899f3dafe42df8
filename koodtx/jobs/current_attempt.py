"""How a task gets the attempt that it runs in."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from taskiq import Context, TaskiqDepends

from koodtx.errors import SettingsError
from koodtx.jobs.attempt import Attempt
from koodtx.jobs.broker import JobBroker


async def _current_attempt(context: Annotated[Context, TaskiqDepends()]) -> AsyncIterator[Attempt]:
    broker = context.broker
    if not isinstance(broker, JobBroker):
        raise SettingsError("tasks run under koodtx.worker:broker")
    labels = context.message.labels
    job_id, number = UUID(context.message.task_id), int(labels["attempt"])
    task = asyncio.current_task()
    assert task is not None
    heartbeat = broker.state.heartbeat
    heartbeat.add(job_id, number, task)
    try:
        yield Attempt(
            broker.pool, broker.redis, job_id, number, float(labels["soft_limit_s"]), float(labels["timeout"])
        )
    finally:
        heartbeat.remove(job_id, number)


CurrentAttempt = Annotated[Attempt, TaskiqDepends(_current_attempt)]
