"""The maintenance tasks by name, and what each takes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg_pool import AsyncConnectionPool

from koodtx.errors import Invalid
from koodtx.maintenance import cleanup, store
from koodtx.maintenance.messages import Run, Setting
from koodtx.maintenance.optimize import optimize
from koodtx.maintenance.run import Call, Details, Report, Task, Work, perform

# A hundred years: beyond, there is nothing.
_MOST_DAYS = 36_500


class Kind(Struct, frozen=True):
    """A task. `setting`: how old is old by default, in app.retention; `hours`: the same for what has no setting."""

    run: Task
    setting: Setting | None = None
    hours: int | None = None
    is_guarded: bool = False


class Options(Struct, frozen=True, kw_only=True):
    """What a caller may choose. None: as it is set."""

    days: int | None = None
    hours: int | None = None
    dry_run: bool = False
    confirm: bool = False


async def _report(work: Work) -> Details:
    details: Details = msgspec.to_builtins(await store.read_report(work.connection))
    return details


KINDS = {
    "cleanup_old_sensor_data": Kind(cleanup.archive_old, setting="sensor-data", is_guarded=True),
    "enforce_ceiling": Kind(cleanup.archive_any, setting="ceiling", is_guarded=True),
    "cleanup_old_sync_logs": Kind(cleanup.delete_logs, setting="sync-logs", is_guarded=True),
    "cleanup_failed_sessions": Kind(cleanup.close_abandoned, hours=24),
    "optimize_database": Kind(optimize),
    "generate_cleanup_report": Kind(_report),
}


async def run_kind(
    pool: AsyncConnectionPool,
    name: str,
    options: Options,
    report: Report,
    *,
    job_id: UUID | None = None,
    wait_for_lock: timedelta = timedelta(seconds=30),
) -> Run:
    """Runs a task by its name; the run as it ended. Raises Invalid, TaskBusy, ConfirmationNeeded."""
    kind = KINDS[name]
    checked = _checked(options)
    call = Call(
        task=name,
        arguments=_given(checked),
        age=await _age(pool, name, kind, checked),
        is_dry_run=checked.dry_run,
        is_guarded=kind.is_guarded,
        is_confirmed=checked.confirm,
        job_id=job_id,
        wait_for_lock=wait_for_lock,
    )
    return await perform(pool, call, kind.run, report)


def _checked(options: Options) -> Options:
    """Jobs take whatever JSON there is in their arguments."""
    try:
        return msgspec.convert(msgspec.structs.asdict(options), Options)
    except msgspec.ValidationError as error:
        raise Invalid(str(error)) from error


def _given(options: Options) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(options).items() if value not in (None, False)}


async def _age(pool: AsyncConnectionPool, name: str, kind: Kind, options: Options) -> timedelta | None:
    if (options.days is not None and kind.setting is None) or (options.hours is not None and kind.hours is None):
        raise Invalid(f"{name} takes no such age")
    days, hours = options.days, options.hours if options.hours is not None else kind.hours
    if kind.setting is not None and days is None:
        async with pool.connection() as connection:
            days = await store.read_retention(connection, kind.setting)
    for value, most in ((days, _MOST_DAYS), (hours, 24 * _MOST_DAYS)):
        if value is not None and not 1 <= value <= most:
            raise Invalid(f"{name}: an age lies between 1 and {most}, not at {value}")
    return None if days is None and hours is None else timedelta(days=days or 0, hours=hours or 0)
