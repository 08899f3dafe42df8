"""A run of a maintenance task: alone, logged, stopped by guards, and resumed after an interruption."""

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct
from psycopg_pool import AsyncConnectionPool

from koodtx.database.query import Connection
from koodtx.errors import KoodtxError
from koodtx.jobs.attempt import SliceEnded, SoftLimitReached
from koodtx.maintenance import store
from koodtx.maintenance.messages import Run, Setting
from koodtx.storage.objects import Objects

Report = Callable[[int, str], Awaitable[None]]
Details = dict[str, Any]

_REPORT_EVERY_S = 0.5


class ConfirmationNeeded(KoodtxError):
    """This would delete more than usual. Repeat with --confirm if that is intended."""


class TaskBusy(KoodtxError):
    """This task is running already: try again later."""

    is_retryable = True


class Work:
    """What a task has while it runs: the one connection, which holds the task's lock, the run, the store of files, and
    its report.
    """

    def __init__(self, connection: Connection, run: Run, objects: Objects, report: Report) -> None:
        self.connection = connection
        self.run = run
        self.objects = objects
        self._report = report
        self._reported_at = 0.0

    async def report(self, done: int, total: int, message: str) -> None:
        """Progress, now and then. Raises AttemptLost, SoftLimitReached, SliceEnded."""
        if time.monotonic() - self._reported_at > _REPORT_EVERY_S:
            self._reported_at = time.monotonic()
            await self._report(min(99, 100 * done // max(1, total)), message)


class Cleanup(Struct, frozen=True):
    """A maintenance task and its steps. `setting`: its default age in app.retention.

    `is_guarded`: it needs a confirmation to delete more than usual.
    """

    name: str
    steps: Callable[[Work], Awaitable[Details]]
    setting: Setting | None = None
    is_guarded: bool = False


class Options(Struct, frozen=True, kw_only=True):
    """What a caller may choose. None: as it is set. Which of them a task has, its arguments say."""

    days: int | None = None
    hours: int | None = None
    dry_run: bool = False
    confirm: bool = False


async def run_cleanup(
    pool: AsyncConnectionPool,
    objects: Objects,
    cleanup: Cleanup,
    options: Options,
    report: Report,
    *,
    job_id: UUID | None = None,
    wait_for_lock: timedelta = timedelta(seconds=30),
) -> Run:
    """The run as it ended. Raises TaskBusy, ConfirmationNeeded, SliceEnded, and what its steps raise."""
    async with pool.connection() as connection:
        try:
            await store.lock_task(connection, cleanup.name, wait_for_lock)
        except psycopg.errors.LockNotAvailable as error:
            raise TaskBusy(f"{cleanup.name} is running already") from error
        try:
            run = await _begin(connection, cleanup, options, job_id)
            # Completed: its worker died before it could say so.
            return (
                run
                if run.status == "completed"
                else await _go_on(pool, cleanup, Work(connection, run, objects, report))
            )
        finally:
            # A connection that was lost has lost the lock too.
            with suppress(psycopg.Error):
                await store.limit_statements(connection, None)
                await store.limit_waits(connection, None)
                await store.unlock_task(connection, cleanup.name)


async def _begin(connection: Connection, cleanup: Cleanup, options: Options, job_id: UUID | None) -> Run:
    days = options.days
    if cleanup.setting is not None and days is None:
        days = await store.read_retention(connection, cleanup.setting)
    age = None if days is None and options.hours is None else timedelta(days=days or 0, hours=options.hours or 0)
    run = await store.begin_run(
        connection,
        cleanup.name,
        {
            name: value
            for name, value in msgspec.structs.asdict(options).items()
            if value is not None and value is not False
        },
        age=age,
        is_dry_run=options.dry_run,
        is_guarded=cleanup.is_guarded,
        is_confirmed=options.confirm,
        job_id=job_id,
    )
    if run.status == "unconfirmed":
        raise ConfirmationNeeded(f"{cleanup.name} was not run: {run.error}. Repeat with --confirm if that is intended.")
    return run


async def _go_on(pool: AsyncConnectionPool, cleanup: Cleanup, work: Work) -> Run:
    connection, run = work.connection, work.run
    try:
        details = await cleanup.steps(work)
    except SoftLimitReached:
        # What is left is the next run's.
        details = {"is_complete": False}
    except SliceEnded:
        await store.end_run(connection, run, {}, is_paused=True)
        raise
    except Exception as error:
        async with pool.connection() as other:
            await store.end_run(other, run, {}, error=_reason(error))
        raise
    return await store.end_run(connection, run, details)


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, KoodtxError) else f"{type(error).__name__}: {error}"
