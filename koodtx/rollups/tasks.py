"""The task that stores the rollups of live sessions."""

import time

from msgspec import Struct

from koodtx.jobs.attempt import Attempt, Limits, SoftLimitReached
from koodtx.jobs.task import Task, register
from koodtx.rollups import store

_REPORT_EVERY_S = 1


class NoArguments(Struct, frozen=True):
    """None: all sessions."""


class Stored(Struct):
    """How many sessions an attempt dealt with. Not complete: an hour was over, the next run does the rest."""

    sessions: int
    is_complete: bool


async def _store(attempt: Attempt, arguments: NoArguments) -> Stored:
    sessions = await store.sessions_to_store(attempt.pool)
    done = 0
    reported_at = 0.0
    try:
        for session in sessions:
            is_more = True
            while is_more:
                if time.monotonic() - reported_at > _REPORT_EVERY_S:
                    reported_at = time.monotonic()
                    await attempt.report(100 * done // len(sessions), f"{done:,} of {len(sessions):,} sessions")
                is_more = await store.store_partials(attempt.pool, session)
            done += 1
    except SoftLimitReached:
        return Stored(done, is_complete=False)
    return Stored(done, is_complete=True)


store_rollups = register(
    Task(
        name="store_rollups",
        arguments=NoArguments,
        result=Stored,
        lane="batch",
        # It is started every hour.
        limits=Limits(soft_s=3_540, hard_s=3_600, slice_s=60),
        run=_store,
        counts=("sessions",),
    )
)
