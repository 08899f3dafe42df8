"""The tasks, by name the kinds of jobs. Each is also `koodtx maintenance NAME`."""

from typing import Any

import msgspec
from taskiq import async_shared_broker

from koodtx.jobs.attempt import Attempt
from koodtx.jobs.current_attempt import CurrentAttempt
from koodtx.maintenance.registry import Options, run_kind

# Six hours: at the soft limit a run ends in order, and the next one goes on.
_LIMITS = {"soft_limit_s": 21_540, "timeout": 21_600}

Result = dict[str, Any]


@async_shared_broker.task("cleanup_old_sensor_data", **_LIMITS)
async def cleanup_old_sensor_data(
    attempt: CurrentAttempt, days: int | None = None, dry_run: bool = False, confirm: bool = False
) -> Result:
    """Readings of sessions that ended, were uploaded and have not changed for so many days (default: as set)."""
    return await _run("cleanup_old_sensor_data", attempt, Options(days=days, dry_run=dry_run, confirm=confirm))


@async_shared_broker.task("enforce_ceiling", **_LIMITS)
async def enforce_ceiling(
    attempt: CurrentAttempt, days: int | None = None, dry_run: bool = False, confirm: bool = False
) -> Result:
    """The same for any session, at a greater age."""
    return await _run("enforce_ceiling", attempt, Options(days=days, dry_run=dry_run, confirm=confirm))


@async_shared_broker.task("cleanup_old_sync_logs", **_LIMITS)
async def cleanup_old_sync_logs(
    attempt: CurrentAttempt, days: int | None = None, dry_run: bool = False, confirm: bool = False
) -> Result:
    """Rows of the sync log that are older than so many days (default: as set)."""
    return await _run("cleanup_old_sync_logs", attempt, Options(days=days, dry_run=dry_run, confirm=confirm))


@async_shared_broker.task("cleanup_failed_sessions", **_LIMITS)
async def cleanup_failed_sessions(attempt: CurrentAttempt, hours: int = 24, dry_run: bool = False) -> Result:
    """Ends sessions that nobody has ended or pushed to for so many hours."""
    return await _run("cleanup_failed_sessions", attempt, Options(hours=hours, dry_run=dry_run))


@async_shared_broker.task("optimize_database", **_LIMITS)
async def optimize_database(attempt: CurrentAttempt, dry_run: bool = False) -> Result:
    """Vacuums and analyzes every table; which indexes are unused or bloated."""
    return await _run("optimize_database", attempt, Options(dry_run=dry_run))


@async_shared_broker.task("generate_cleanup_report", **_LIMITS)
async def generate_cleanup_report(attempt: CurrentAttempt) -> Result:
    """Totals, disk, retention, runs and a forecast."""
    return await _run("generate_cleanup_report", attempt, Options())


async def _run(name: str, attempt: Attempt, options: Options) -> Result:
    run = await run_kind(attempt.pool, name, options, attempt.report, job_id=attempt.job_id)
    result: Result = msgspec.to_builtins(run)
    return result
