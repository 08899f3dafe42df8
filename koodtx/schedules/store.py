"""The room's SQL calls."""

from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from msgspec import Struct
from psycopg.types.json import Jsonb

from koodtx.database.query import Connection, execute, fetch_all, fetch_one, fetch_value
from koodtx.errors import FieldError, Invalid, invalid_field
from koodtx.jobs.messages import Status
from koodtx.names import folded
from koodtx.schedules.errors import ScheduleExists


class ScheduledRun(Struct):
    """A run of a schedule whose time has come and that has not been started."""

    schedule_id: int
    name: str
    task: str
    args: dict[str, Any]
    scheduled_at: datetime


class Rule(Struct):
    """What is stored of a schedule."""

    name: str
    task: str
    args: dict[str, Any]
    frequency: str
    hour: int
    minute: int
    timezone: str
    is_active: bool


class ListedSchedule(Rule):
    """A row of app.list_schedules()."""

    id: int
    next_run_at: datetime | None
    due_at: datetime | None


class Run(Struct):
    """A row of app.batch_runs."""

    run_id: UUID
    schedule_id: int | None
    schedule: str | None
    task: str
    scheduled_at: datetime | None
    requested_at: datetime | None
    requested_by: str | None
    enqueued_at: datetime
    status: Status
    attempt: int
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None
    numbers: dict[str, float] | None


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


async def list_schedules(connection: Connection) -> list[ListedSchedule]:
    return await fetch_all(connection, ListedSchedule, "select * from app.list_schedules()")


async def list_last_runs(connection: Connection) -> list[Run]:
    """The newest run of each schedule."""
    return await fetch_all(connection, Run, "select * from app.last_runs()")


async def list_runs(connection: Connection, limit: int) -> list[Run]:
    """The newest runs of all."""
    return await fetch_all(
        connection, Run, "select * from app.batch_runs order by enqueued_at desc limit %(limit)s", {"limit": limit}
    )


async def lock_schedule(connection: Connection, schedule_id: int) -> Rule | None:
    """Until the transaction ends nobody else edits or deletes it, or starts one of its runs."""
    return await fetch_one(
        connection,
        Rule,
        """
        select name, task, args, frequency, hour, minute, timezone, is_active
        from app.schedules where id = %(id)s for update
        """,
        {"id": schedule_id},
    )


async def find_schedule(connection: Connection, name: str) -> int | None:
    """The id of the schedule of this name."""
    schedule_id: int | None = await fetch_value(
        connection, "select id from app.schedules where name = %(name)s", {"name": name}
    )
    return schedule_id


async def insert_schedule(connection: Connection, rule: Rule) -> int:
    """Returns its id. Raises ScheduleExists, Invalid."""
    try:
        schedule_id: int | None = await fetch_value(
            connection,
            """
            insert into app.schedules (name, task, args, frequency, hour, minute, timezone, is_active)
            values (%(name)s, %(task)s, %(args)s, %(frequency)s, %(hour)s, %(minute)s, %(timezone)s, %(is_active)s)
            on conflict (name) do nothing returning id
            """,
            _columns(rule),
        )
    except psycopg.errors.InvalidParameterValue as error:
        raise _zone() from error
    if schedule_id is None:
        raise _exists()
    return schedule_id


async def update_schedule(connection: Connection, schedule_id: int, rule: Rule) -> None:
    """Raises ScheduleExists, Invalid."""
    try:
        await execute(
            connection,
            """
            update app.schedules
            set name = %(name)s, task = %(task)s, args = %(args)s, frequency = %(frequency)s, hour = %(hour)s,
                minute = %(minute)s, timezone = %(timezone)s, is_active = %(is_active)s
            where id = %(id)s
            """,
            _columns(rule) | {"id": schedule_id},
        )
    except psycopg.errors.UniqueViolation as error:
        raise _exists() from error
    except psycopg.errors.InvalidParameterValue as error:
        raise _zone() from error


async def delete_schedule(connection: Connection, schedule_id: int) -> bool:
    """With the list of its runs; their jobs stay. False: there is none."""
    return await execute(connection, "delete from app.schedules where id = %(id)s", {"id": schedule_id}) > 0


async def insert_requested_run(
    connection: Connection, job_id: UUID, *, schedule_id: int | None, user_id: int | None
) -> None:
    """To be called in the transaction that enqueues the job."""
    await execute(
        connection,
        """
        insert into app.requested_runs (job_id, schedule_id, requested_by)
        values (%(job_id)s, %(schedule_id)s, %(user_id)s)
        """,
        {"job_id": job_id, "schedule_id": schedule_id, "user_id": user_id},
    )


async def find_user(connection: Connection, username: str) -> int | None:
    user_id: int | None = await fetch_value(
        connection, "select id from app.users where username_key = %(key)s", {"key": folded(username)}
    )
    return user_id


async def init_schedules(connection: Connection, timezone: str, *, is_forced: bool) -> int:
    """Creates the defaults that are missing; returns how many."""
    made: int = await fetch_value(
        connection,
        "select app.init_schedules(%(timezone)s, %(forced)s)",
        {"timezone": timezone, "forced": is_forced},
    )
    return made


def _columns(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "task": rule.task,
        "args": Jsonb(rule.args),
        "frequency": rule.frequency,
        "hour": rule.hour,
        "minute": rule.minute,
        "timezone": rule.timezone,
        "is_active": rule.is_active,
    }


def _exists() -> ScheduleExists:
    return ScheduleExists(errors=[FieldError("name", "belongs to another schedule")])


def _zone() -> Invalid:
    """PostgreSQL may know fewer zones than Python."""
    return invalid_field("timezone", "is not a time zone that the database knows")
