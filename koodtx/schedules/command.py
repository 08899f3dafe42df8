"""`koodtx schedules list | init`"""

import rich_click as click
from rich.console import Console
from rich.table import Table

from koodtx.command_line import data_dir_option, load_settings
from koodtx.database.command_connection import run_once
from koodtx.schedules import store
from koodtx.schedules.store import Schedule
from koodtx.settings import Settings


@click.group
@data_dir_option
def schedules() -> None:
    """Lists or creates schedules."""


@schedules.command("list")
@data_dir_option
def list_all() -> None:
    """Lists all schedules."""
    show_schedules(load_settings())


@schedules.command
@data_dir_option
@click.option("--force", is_flag=True, help="Also reset the others to their defaults.")
def init(force: bool) -> None:
    """Creates the default schedules that are missing."""
    init_schedules(load_settings(), is_forced=force)


def show_schedules(settings: Settings) -> None:
    """All of them, with their last scheduled run."""
    table = Table("schedule", "task", "when", "time zone", "active", "last run (UTC)", box=None)
    for schedule in run_once(settings.database_url, store.list_schedules):
        table.add_row(*_row(schedule))
    # Wide enough for all columns: piped into a file or grep, nothing may be cut off.
    Console(width=160).print(table)


def init_schedules(settings: Settings, *, is_forced: bool) -> None:
    """Creates the defaults that are missing; forced: also resets the others."""
    made = run_once(
        settings.database_url,
        lambda connection: store.init_schedules(connection, settings.timezone, is_forced=is_forced),
    )
    print(f"{made} schedules created")


def _row(schedule: Schedule) -> tuple[str, ...]:
    arguments = ", ".join(f"{name}={value}" for name, value in schedule.args.items())
    hour = "*" if schedule.frequency == "hourly" else f"{schedule.hour:02}"
    when = f"{schedule.frequency} {hour}:{schedule.minute:02}"
    last = f"{schedule.last_scheduled_at:%Y-%m-%d %H:%M}" if schedule.last_scheduled_at else ""
    is_active = "yes" if schedule.is_active else "no"
    return (schedule.name, f"{schedule.task}({arguments})", when, schedule.timezone, is_active, last)
