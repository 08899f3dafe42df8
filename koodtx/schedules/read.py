"""Schedules and runs as administrators see them."""

import msgspec

from koodtx.database.query import Connection
from koodtx.errors import NotFound
from koodtx.jobs import store as jobs
from koodtx.jobs.task import TASKS
from koodtx.schedules import store
from koodtx.schedules.messages import BatchRun, BatchStatus, Schedule
from koodtx.schedules.store import ListedSchedule, Run


async def list_schedules(connection: Connection) -> list[Schedule]:
    """All of them, by name."""
    last = {run.schedule_id: run for run in await store.list_last_runs(connection)}
    return [_as_schedule(row, last.get(row.id)) for row in await store.list_schedules(connection)]


async def read_schedule(connection: Connection, schedule_id: int) -> Schedule:
    """Raises NotFound."""
    for schedule in await list_schedules(connection):
        if schedule.id == schedule_id:
            return schedule
    raise NotFound("there is no such schedule")


async def read_status(connection: Connection, limit: int) -> BatchStatus:
    """`limit`: of the runs."""
    return BatchStatus(
        schedules=await list_schedules(connection),
        runs=[_as_run(run) for run in await store.list_runs(connection, limit)],
        workers=await jobs.list_workers(connection),
    )


def _as_schedule(row: ListedSchedule, last: Run | None) -> Schedule:
    return msgspec.convert(msgspec.structs.asdict(row) | {"last_run": last and _as_run(last)}, Schedule)


def _as_run(run: Run) -> BatchRun:
    task = TASKS.get(run.task)
    numbers = run.numbers or {}
    counts = {name: numbers[name] for name in (task.counts if task else ()) if name in numbers}
    return msgspec.convert(msgspec.structs.asdict(run) | {"counts": counts}, BatchRun)
