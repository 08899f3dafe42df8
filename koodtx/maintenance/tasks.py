"""The tasks, one declaration each. Each is also `koodtx maintenance NAME`: the same steps, here and now."""

from datetime import timedelta
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from psycopg_pool import AsyncConnectionPool

from koodtx.errors import Invalid
from koodtx.jobs.attempt import Attempt, Limits
from koodtx.jobs.task import Task, find_task, register
from koodtx.maintenance import cleanup, store
from koodtx.maintenance.messages import Run
from koodtx.maintenance.optimize import optimize
from koodtx.maintenance.run import Cleanup, Details, Options, Report, Work, run_cleanup
from koodtx.storage.objects import Objects

# Six hours: at the soft limit a run ends in order, and the next one resumes. After a minute it
# yields between two steps if other jobs wait.
_LIMITS = Limits(soft_s=21_540, hard_s=21_600, slice_s=60)

# A hundred years: nothing is older.
Days = Annotated[int, Meta(ge=1, le=36_500)]
Hours = Annotated[int, Meta(ge=1, le=24 * 36_500)]


class DaysArguments(Struct, frozen=True, kw_only=True):
    """What is older than `days` is deleted; None: as `koodtx retention show` says."""

    days: Days | None = None
    dry_run: bool = False
    confirm: bool = False


class HoursArguments(Struct, frozen=True, kw_only=True):
    """Sessions without a push for so many hours."""

    hours: Hours = 24
    dry_run: bool = False


class DryRunArguments(Struct, frozen=True, kw_only=True):
    """A dry run only reports."""

    dry_run: bool = False


class NoArguments(Struct, frozen=True):
    """None."""


async def _report(work: Work) -> Details:
    details: Details = msgspec.to_builtins(await store.read_report(work.connection))
    return details


CLEANUPS: dict[str, Cleanup] = {}


def _declare(declared: Cleanup, arguments: type[Struct]) -> Task[Struct]:
    CLEANUPS[declared.name] = declared

    async def run(attempt: Attempt, given: Struct) -> Run:
        objects = Objects(attempt.settings)
        return await run_cleanup(
            attempt.pool, objects, declared, _options(given), attempt.report, job_id=attempt.job_id
        )

    return register(
        Task(
            name=declared.name,
            arguments=arguments,
            result=Run,
            lane="batch",
            limits=_LIMITS,
            run=run,
            counts=("session_count", "rows_freed", "bytes_freed"),
        )
    )


def _options(arguments: Struct) -> Options:
    return Options(**msgspec.structs.asdict(arguments))


# Readings of sessions that ended, were uploaded and have not changed for so many days.
cleanup_old_sensor_data = _declare(
    Cleanup("cleanup_old_sensor_data", cleanup.archive_old, "sensor-data", is_guarded=True), DaysArguments
)
# The same for any session, at a greater age.
enforce_ceiling = _declare(Cleanup("enforce_ceiling", cleanup.archive_any, "ceiling", is_guarded=True), DaysArguments)
# Rows of the sync log that are older than so many days.
cleanup_old_sync_logs = _declare(
    Cleanup("cleanup_old_sync_logs", cleanup.delete_logs, "sync-logs", is_guarded=True), DaysArguments
)
# Exports and temporary uploads that are older than so many days.
cleanup_uploaded_files = _declare(
    Cleanup("cleanup_uploaded_files", cleanup.delete_files, "uploaded-files", is_guarded=True), DaysArguments
)
# Messages to webhooks that are older than so many days.
cleanup_webhook_deliveries = _declare(
    Cleanup("cleanup_webhook_deliveries", cleanup.delete_deliveries, "webhook-deliveries", is_guarded=True),
    DaysArguments,
)
# Ends sessions that nobody has ended or pushed to for so many hours.
cleanup_failed_sessions = _declare(Cleanup("cleanup_failed_sessions", cleanup.close_abandoned), HoursArguments)
# Vacuums and analyses every table; reports which indexes are unused or bloated.
optimize_database = _declare(Cleanup("optimize_database", optimize), DryRunArguments)
# Totals, disk, retention, runs and a forecast.
generate_cleanup_report = _declare(Cleanup("generate_cleanup_report", _report), NoArguments)


async def run_now(
    pool: AsyncConnectionPool,
    objects: Objects,
    name: str,
    options: Options,
    report: Report,
    *,
    wait_for_lock: timedelta,
) -> Run:
    """Runs a task here, without a job. Raises Invalid, TaskBusy, ConfirmationNeeded."""
    given = {
        key: value for key, value in msgspec.structs.asdict(options).items() if value is not None and value is not False
    }
    if name not in CLEANUPS:
        raise Invalid(f"{name} is not a maintenance task")
    arguments = find_task(name).checked(given)
    return await run_cleanup(pool, objects, CLEANUPS[name], _options(arguments), report, wait_for_lock=wait_for_lock)
