"""What taskiq calls for every task: the attempt of the job that it runs, and its end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from taskiq import Context, TaskiqDepends
from taskiq.exceptions import NoResultError

from koodtx.errors import SettingsError
from koodtx.jobs.attempt import Attempt, AttemptLost, Deferred, Limits, SliceEnded


async def _current_attempt(context: Annotated[Context, TaskiqDepends()]) -> AsyncIterator[Attempt]:
    state = context.broker.state
    if "heartbeat" not in state:
        raise SettingsError("tasks run under koodtx.worker:broker")
    labels = context.message.labels
    job_id, number = UUID(context.message.task_id), int(labels["attempt"])
    slice_s = labels.get("slice_s")
    limits = Limits(
        float(labels["soft_limit_s"]), float(labels["timeout"]), None if slice_s is None else float(slice_s)
    )
    task = asyncio.current_task()
    assert task is not None
    state.heartbeat.add(job_id, number, task)
    try:
        yield Attempt(state.settings, state.pool, state.redis, job_id, number, limits, state.heartbeat.scope)
    finally:
        state.heartbeat.remove(job_id, number)


CurrentAttempt = Annotated[Attempt, TaskiqDepends(_current_attempt)]


async def run_attempt(
    attempt: Attempt,
    check: Callable[[dict[str, Any]], Any],
    run: Callable[[Attempt, Any], Awaitable[Any]],
    arguments: dict[str, Any],
) -> Any:
    """The result of a task. None of an attempt that makes way or is deferred (its job is queued again), or was lost."""
    try:
        return await run(attempt, check(arguments))
    except SliceEnded as error:
        await attempt.make_way()
        raise NoResultError from error
    except Deferred as error:
        await attempt.defer(error.run_at, error.message)
        raise NoResultError from error
    except AttemptLost as error:
        raise NoResultError from error
