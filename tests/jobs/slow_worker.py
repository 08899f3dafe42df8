"""A worker with one task more, for tests of lanes: it lasts as long as its argument says, in short slices.

`python -m taskiq worker tests.jobs.slow_worker:broker`
"""

import asyncio
import time

from msgspec import Struct

from koodtx.jobs.attempt import Attempt, Limits
from koodtx.jobs.task import Task, register
from koodtx.worker import broker

__all__ = ["broker"]


class Wait(Struct):
    """How long it lasts."""

    seconds: float


class Waited(Struct):
    """What it did in its last attempt."""

    seconds: float


async def _wait(attempt: Attempt, arguments: Wait) -> Waited:
    started = time.monotonic()
    while (elapsed := time.monotonic() - started) < arguments.seconds:
        await attempt.report(int(99 * elapsed / arguments.seconds), "waiting")
        await asyncio.sleep(0.1)
    return Waited(elapsed)


register(
    Task(
        name="wait",
        arguments=Wait,
        result=Waited,
        lane="batch",
        limits=Limits(soft_s=7200, hard_s=7200, slice_s=1),
        run=_wait,
    )
)
