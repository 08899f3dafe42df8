"""A run of a maintenance task: alone, logged, refused when it would surprise, and gone on with after a death."""

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from msgspec import Struct
from psycopg_pool import AsyncConnectionPool

from koodtx.database.query import Connection
from koodtx.errors import KoodtxError
from koodtx.jobs.attempt import SoftLimitReached
from koodtx.maintenance import store
from koodtx.maintenance.messages import Run

Report = Callable[[int, str], Awaitable[None]]
Details = dict[str, Any]

_REPORT_EVERY_S = 0.5


class ConfirmationNeeded(KoodtxError):
    """It would take more than is usual: confirm it if that is meant."""

    # Of those that a job does not repeat.
    status = 409


class TaskBusy(KoodtxError):
    """This task is running already: try again later."""

    status = 503


class Call(Struct, frozen=True, kw_only=True):
    """What is asked for. `age`: what is older goes. `is_guarded`: refused when it would surprise."""

    task: str
    arguments: Details
    age: timedelta | None = None
    is_dry_run: bool = False
    is_guarded: bool = False
    is_confirmed: bool = False
    job_id: UUID | None = None
    wait_for_lock: timedelta = timedelta(seconds=30)


class Work:
    """What a task has while it runs: the one connection, which holds the task's lock, the run, and who is told."""

    def __init__(self, connection: Connection, run: Run, report: Report) -> None:
        self.connection = connection
        self.run = run
        self._report = report
        self._told_at = 0.0

    async def tell(self, done: int, total: int, message: str) -> None:
        """Progress, now and then. Raises AttemptLost, SoftLimitReached."""
        if time.monotonic() - self._told_at > _REPORT_EVERY_S:
            self._told_at = time.monotonic()
            await self._report(min(99, 100 * done // max(1, total)), message)


Task = Callable[[Work], Awaitable[Details]]


async def perform(pool: AsyncConnectionPool, call: Call, task: Task, report: Report) -> Run:
    """Runs a task; the run as it ended. Raises TaskBusy, ConfirmationNeeded, and what the task raises."""
    async with pool.connection() as connection:
        try:
            await store.lock_task(connection, call.task, call.wait_for_lock)
        except psycopg.errors.LockNotAvailable as error:
            raise TaskBusy(f"{call.task} is running already") from error
        try:
            return await _locked(pool, connection, call, task, report)
        finally:
            # A connection that was lost has lost the lock too.
            with suppress(psycopg.Error):
                await store.limit_statements(connection, None)
                await store.limit_waits(connection, None)
                await store.unlock_task(connection, call.task)


async def _locked(pool: AsyncConnectionPool, connection: Connection, call: Call, task: Task, report: Report) -> Run:
    run = await store.begin_run(
        connection,
        call.task,
        call.arguments,
        age=call.age,
        is_dry_run=call.is_dry_run,
        is_guarded=call.is_guarded,
        is_confirmed=call.is_confirmed,
        job_id=call.job_id,
    )
    if run.status == "refused":
        raise ConfirmationNeeded(f"{call.task} was not run: {run.error}; confirm it if that is meant")
    if run.status == "completed":
        return run
    try:
        details = await task(Work(connection, run, report))
    except SoftLimitReached:
        # What is left is the next run's.
        details = {"is_complete": False}
    except Exception as error:
        async with pool.connection() as other:
            await store.end_run(other, run, {}, _reason(error))
        raise
    return await store.end_run(connection, run, details)


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, KoodtxError) else f"{type(error).__name__}: {error}"
