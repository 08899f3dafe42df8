"""The room's SQL calls."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from koodtx.database.query import Connection, fetch_all, fetch_value


class ScheduledRun(Struct):
    """A run of a schedule whose time has come and that has not been started."""

    schedule_id: int
    name: str
    task: str
    args: dict[str, Any]
    scheduled_at: datetime


class Schedule(Struct):
    """When a task is started. `last_scheduled_at`: the time of the last run that was started."""

    name: str
    task: str
    args: dict[str, Any]
    frequency: str
    hour: int
    minute: int
    timezone: str
    is_active: bool
    last_scheduled_at: datetime | None


async def list_due_runs(connection: Connection) -> list[ScheduledRun]:
    return await fetch_all(connection, ScheduledRun, "select * from app.due_runs()")


async def start_scheduled_run(
    connection: Connection, run: ScheduledRun, job_id: UUID, *, lane: str, max_attempts: int
) -> bool:
    """Enqueues the run's job; False when another scheduler has."""
    is_started: bool = await fetch_value(
        connection,
        "select app.start_scheduled_run(%(schedule)s, %(scheduled_at)s, %(job_id)s, %(lane)s, %(max_attempts)s)",
        {
            "schedule": run.schedule_id,
            "scheduled_at": run.scheduled_at,
            "job_id": job_id,
            "lane": lane,
            "max_attempts": max_attempts,
        },
    )
    return is_started


async def list_schedules(connection: Connection) -> list[Schedule]:
    return await fetch_all(
        connection,
        Schedule,
        """
        select name, task, args, frequency, hour, minute, timezone, is_active,
            (select max(r.scheduled_at) from app.scheduled_runs as r where r.schedule_id = s.id) as last_scheduled_at
        from app.schedules as s order by name
        """,
    )


async def init_schedules(connection: Connection, timezone: str, *, is_forced: bool) -> int:
    """Creates the defaults that are missing; returns how many."""
    made: int = await fetch_value(
        connection,
        "select app.init_schedules(%(timezone)s, %(forced)s)",
        {"timezone": timezone, "forced": is_forced},
    )
    return made
