"""`koodtx schedules list | add | remove | run | init`"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar, get_args

import msgspec
import rich_click as click
from redis.asyncio import Redis
from rich.console import Console
from rich.table import Table

from koodtx.command_line import data_dir_option, load_settings
from koodtx.database.command_connection import run_once
from koodtx.database.query import Connection
from koodtx.errors import Invalid, NotFound
from koodtx.jobs import notify
from koodtx.jobs.arguments import argument_of, in_words
from koodtx.schedules import edit, read, store
from koodtx.schedules.messages import Frequency, NewSchedule, RunRequest, Schedule
from koodtx.schedules.run import start_run
from koodtx.settings import Settings

Request = TypeVar("Request", NewSchedule, RunRequest)
Result = TypeVar("Result")


@click.group
@data_dir_option
def schedules() -> None:
    """Lists, adds, removes and runs schedules."""


@schedules.command("list")
@data_dir_option
def list_all() -> None:
    """Lists all schedules."""
    show_schedules(load_settings())


@schedules.command
@data_dir_option
@click.argument("name")
@click.argument("task")
@click.argument("frequency", type=click.Choice(get_args(Frequency)))
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--at", default="00:00", metavar="HH:MM", help="Local time (default: 00:00); hourly: only its minute.")
@click.option("--timezone", metavar="ZONE", help="IANA name (default: KOODTX_TIMEZONE).")
@click.option("--inactive", is_flag=True, help="Add it switched off.")
def add(
    name: str, task: str, frequency: str, arguments: tuple[str, ...], at: str, timezone: str | None, inactive: bool
) -> None:
    """Adds a schedule: koodtx schedules add nightly cleanup_old_sensor_data daily --at 03:30 days=60"""
    hour, minute = _time(at)
    given = {
        "name": name, "task": task, "frequency": frequency, "hour": hour, "minute": minute, "timezone": timezone,
        "args": dict(argument_of(text) for text in arguments), "is_active": not inactive,
    }  # fmt: skip
    add_schedule(load_settings(), _checked(given, NewSchedule))


@schedules.command
@data_dir_option
@click.argument("name")
def remove(name: str) -> None:
    """Deletes a schedule; a job that it has started goes on."""
    remove_schedule(load_settings(), name)


@schedules.command
@data_dir_option
@click.argument("name")
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--date", metavar="YYYY-MM-DD", help="For a day, if its task has such an argument.")
@click.option("--user", metavar="USERNAME", help="For one user, if its task has such an argument.")
def run(name: str, arguments: tuple[str, ...], date: str | None, user: str | None) -> None:
    """Runs a schedule now, whatever its time, and prints the id of the job."""
    given = {"args": dict(argument_of(text) for text in arguments), "date": date, "username": user}
    run_schedule(load_settings(), name, _checked(given, RunRequest))


@schedules.command
@data_dir_option
@click.option("--force", is_flag=True, help="Also reset the others to their defaults.")
def init(force: bool) -> None:
    """Creates the default schedules that are missing."""
    init_schedules(load_settings(), is_forced=force)


def show_schedules(settings: Settings) -> None:
    """All of them, with their next and last run."""
    columns = ("schedule", "task", "when", "time zone", "active", "next run (UTC)", "last run (UTC)", "status")
    table = Table(*columns, box=None)
    for schedule in run_once(settings.database_url, read.list_schedules):
        table.add_row(*_row(schedule))
    # Wide enough for all columns: piped into a file or grep, nothing may be cut off.
    Console(width=200).print(table)


def add_schedule(settings: Settings, new: NewSchedule) -> None:
    """Raises Invalid, ScheduleExists."""
    run_once(settings.database_url, lambda connection: edit.create(connection, new, settings.timezone))
    print(f"{new.name} added")


def remove_schedule(settings: Settings, name: str) -> None:
    """Raises NotFound."""
    run_once(settings.database_url, _of_name(name, edit.delete))
    print(f"{name} removed")


def run_schedule(settings: Settings, name: str, wanted: RunRequest) -> None:
    """Queues a job; prints its id. Raises NotFound, Invalid."""
    started, task = run_once(
        settings.database_url,
        _of_name(
            name,
            lambda connection, found: start_run(connection, msgspec.structs.replace(wanted, schedule_id=found), None),
        ),
    )
    if settings.redis_url:
        asyncio.run(_wake_worker(settings.redis_url, task.lane))
    print(started.run_id)


def init_schedules(settings: Settings, *, is_forced: bool) -> None:
    """Creates the defaults that are missing; forced: also resets the others."""
    made = run_once(
        settings.database_url,
        lambda connection: store.init_schedules(connection, settings.timezone, is_forced=is_forced),
    )
    print(f"{made} schedules created" + (" or reset" if is_forced else ""))


def _of_name(
    name: str, call: Callable[[Connection, int], Awaitable[Result]]
) -> Callable[[Connection], Awaitable[Result]]:
    """The call with the id of the schedule of this name. Raises NotFound."""

    async def with_id(connection: Connection) -> Result:
        schedule_id = await store.find_schedule(connection, name)
        if schedule_id is None:
            raise NotFound(f"there is no schedule {name}")
        return await call(connection, schedule_id)

    return with_id


def _checked(given: Mapping[str, object], struct: type[Request]) -> Request:
    try:
        return msgspec.convert(given, struct)
    except msgspec.ValidationError as error:
        field, message = in_words(str(error))
        raise Invalid(f"{field}: {message}") from error


def _time(text: str) -> tuple[int, int]:
    try:
        at = datetime.strptime(text, "%H:%M")
    except ValueError as error:
        raise Invalid(f"{text}: a time must be HH:MM") from error
    return at.hour, at.minute


async def _wake_worker(redis_url: str, lane: str) -> None:
    async with Redis.from_url(redis_url, socket_timeout=1, socket_connect_timeout=1) as redis:
        await notify.wake_worker(redis, lane)


def _row(schedule: Schedule) -> tuple[str, ...]:
    arguments = ", ".join(f"{name}={value}" for name, value in schedule.args.items())
    hour = "*" if schedule.frequency == "hourly" else f"{schedule.hour:02}"
    when = f"{schedule.frequency} {hour}:{schedule.minute:02}"
    is_active = "yes" if schedule.is_active else "no"
    last = schedule.last_run
    last_at = (last.scheduled_at or last.requested_at) if last else None
    return (
        schedule.name, f"{schedule.task}({arguments})", when, schedule.timezone, is_active,
        _minutes(schedule.next_run_at), _minutes(last_at), last.status if last else "",
    )  # fmt: skip


def _minutes(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if at else ""
