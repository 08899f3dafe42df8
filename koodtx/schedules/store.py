"""The room's SQL calls."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from koodtx.database.query import Connection, fetch_all, fetch_value


class Tick(Struct):
    """A time at which a schedule is to start a job, and has not yet."""

    schedule_id: int
    name: str
    task: str
    args: dict[str, Any]
    scheduled_at: datetime


class Schedule(Struct):
    """When a task is started by itself. `last_scheduled_at`: the last tick that fired."""

    name: str
    task: str
    args: dict[str, Any]
    frequency: str
    hour: int
    minute: int
    timezone: str
    is_active: bool
    last_scheduled_at: datetime | None


async def list_due_runs(connection: Connection) -> list[Tick]:
    return await fetch_all(connection, Tick, "select * from app.due_runs()")


async def start_scheduled_run(connection: Connection, tick: Tick, job_id: UUID) -> bool:
    """Starts the tick's job; False when another scheduler has."""
    has_fired: bool = await fetch_value(
        connection,
        "select app.start_scheduled_run(%(schedule)s, %(scheduled_at)s, %(job_id)s)",
        {"schedule": tick.schedule_id, "scheduled_at": tick.scheduled_at, "job_id": job_id},
    )
    return has_fired


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
    """Makes the defaults that are missing; how many."""
    made: int = await fetch_value(
        connection,
        "select app.init_schedules(%(timezone)s, %(forced)s)",
        {"timezone": timezone, "forced": is_forced},
    )
    return made
