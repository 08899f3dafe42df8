"""Schedules are created, edited and deleted: checked before they are stored, so that each run has what it needs."""

from collections.abc import Mapping
from typing import Any

import msgspec

from koodtx.accounts.validation import checked_timezone
from koodtx.database.query import Connection
from koodtx.errors import NotFound, invalid_field
from koodtx.jobs.task import TASKS, Task
from koodtx.schedules import store
from koodtx.schedules.messages import NewSchedule, ScheduleChange
from koodtx.schedules.store import Rule


def known_task(name: str) -> Task[Any]:
    """Raises Invalid, naming those that there are."""
    if name not in TASKS:
        raise invalid_field("task", f"is not a task; there are {', '.join(sorted(TASKS))}")
    return TASKS[name]


async def create(connection: Connection, new: NewSchedule, timezone: str) -> int:
    """Returns its id; `timezone`: of a schedule that names none. Raises Invalid, ScheduleExists."""
    _check_arguments(new.task, new.args)
    chosen = checked_timezone(timezone if new.timezone is None else new.timezone)
    rule = msgspec.convert(msgspec.structs.asdict(new) | {"timezone": chosen}, Rule)
    return await store.insert_schedule(connection, rule)


async def edit(connection: Connection, schedule_id: int, change: ScheduleChange) -> None:
    """In one transaction, so that arguments and task fit also after edits at the same time.

    Raises NotFound, Invalid, ScheduleExists.
    """
    given = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not msgspec.UNSET}
    given.pop("id", None)
    async with connection.transaction():
        rule = await store.lock_schedule(connection, schedule_id)
        if rule is None:
            raise NotFound("there is no such schedule")
        rule = msgspec.structs.replace(rule, **given)
        if given.keys() & {"task", "args"}:
            _check_arguments(rule.task, rule.args)
        if "timezone" in given:
            checked_timezone(rule.timezone)
        await store.update_schedule(connection, schedule_id, rule)


async def delete(connection: Connection, schedule_id: int) -> None:
    """A job that it has started goes on. Raises NotFound."""
    if not await store.delete_schedule(connection, schedule_id):
        raise NotFound("there is no such schedule")


def _check_arguments(task: str, args: Mapping[str, Any]) -> None:
    known_task(task).checked(args, within="args")
