"""A schedule or a task is run now, because somebody requested it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from koodtx.database.query import Connection
from koodtx.errors import NotFound, invalid_field
from koodtx.jobs.task import Task
from koodtx.schedules import store
from koodtx.schedules.edit import known_task
from koodtx.schedules.messages import RunRequest, RunStarted

# The arguments that take the day of a run: the first that a task has.
_OF_DATE = (("date",), ("start_date", "end_date"))


async def start_run(connection: Connection, wanted: RunRequest, user_id: int | None) -> tuple[RunStarted, Task[Any]]:
    """Enqueues the job; `user_id`: who requested it. Call `notify.wake_worker` afterwards. Raises NotFound, Invalid."""
    async with connection.transaction():
        task, args = await _chosen(connection, wanted)
        args |= wanted.args
        if wanted.date is not None:
            args |= _of_date(task, wanted.date)
        if wanted.username is not None:
            args |= await _of_user(connection, task, wanted.username)
        run_id = await task.enqueue(connection, task.checked(args, within="args"))
        await store.insert_requested_run(connection, run_id, schedule_id=wanted.schedule_id, user_id=user_id)
    return RunStarted(run_id, task.name), task


async def _chosen(connection: Connection, wanted: RunRequest) -> tuple[Task[Any], dict[str, Any]]:
    """The task, and the arguments that the schedule gives it. The schedule stays until the transaction ends."""
    if wanted.schedule_id is None:
        if wanted.task is None:
            raise invalid_field("task", "is missing: name a task, or a schedule by schedule_id")
        return known_task(wanted.task), {}
    if wanted.task is not None:
        raise invalid_field("task", "is not allowed with schedule_id")
    rule = await store.lock_schedule(connection, wanted.schedule_id)
    if rule is None:
        raise NotFound("there is no such schedule")
    return known_task(rule.task), rule.args


def _of_date(task: Task[Any], day: date) -> dict[str, Any]:
    fields: Sequence[str] = task.arguments.__struct_fields__
    for names in _OF_DATE:
        if set(names) <= set(fields):
            return dict.fromkeys(names, day.isoformat())
    raise invalid_field("date", f"is not an argument of {task.name}")


async def _of_user(connection: Connection, task: Task[Any], username: str) -> dict[str, Any]:
    if "user_id" not in task.arguments.__struct_fields__:
        raise invalid_field("username", f"is not an argument of {task.name}: it runs for all users")
    user_id = await store.find_user(connection, username)
    if user_id is None:
        raise invalid_field("username", "is not the name of an account")
    return {"user_id": user_id}
