"""`koodtx maintenance TASK`, `koodtx retention show | set`"""

import asyncio
from datetime import timedelta
from typing import get_args

import msgspec
import psycopg
import rich_click as click
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from koodtx.command_line import data_dir_option, load_database_settings, load_settings
from koodtx.database.command_connection import run_once
from koodtx.database.pool import make_pool
from koodtx.database.query import Connection, translated
from koodtx.errors import Invalid, NotAllowed
from koodtx.maintenance import store
from koodtx.maintenance.messages import MaintenanceReport, Run, Setting
from koodtx.maintenance.run import Options
from koodtx.maintenance.tasks import CLEANUPS, run_now
from koodtx.maintenance.terminal import show_report, show_retention, show_run
from koodtx.settings import Settings
from koodtx.storage.objects import Objects


@click.command(epilog=f"Tasks: {', '.join(CLEANUPS)}")
@data_dir_option
@click.argument("task", metavar="TASK", type=click.Choice(list(CLEANUPS)))
@click.option("--dry-run", is_flag=True, help="Only report what would be deleted.")
@click.option("--confirm", is_flag=True, help="Also delete more than usual.")
@click.option("--days", type=int, help="Delete what is older (default: see `koodtx retention show`).")
@click.option("--hours", type=int, help="The same for cleanup_failed_sessions (default: 24).")
def maintenance(task: str, dry_run: bool, confirm: bool, days: int | None, hours: int | None) -> None:
    """Runs a maintenance task in this process, with a progress bar."""
    if days is not None and hours is not None:
        raise click.UsageError("--hours is not allowed with --days")
    run_task(load_settings(), task, Options(days=days, hours=hours, dry_run=dry_run, confirm=confirm))


@click.group
@data_dir_option
def retention() -> None:
    """Shows or changes how long data are kept."""


@retention.command("show")
@data_dir_option
def show_all() -> None:
    """Shows the settings, and how much is older."""
    show(load_database_settings())


@retention.command("set")
@data_dir_option
@click.argument("name", type=click.Choice(get_args(Setting)))
@click.argument("days", type=int)
def set_days(name: str, days: int) -> None:
    """Changes how long NAME is kept: koodtx retention set sensor-data 30"""
    change(load_database_settings(), name, days)


def run_task(settings: Settings, name: str, options: Options) -> None:
    """Runs a task in this process, with a progress bar. Raises TaskBusy, ConfirmationNeeded, Invalid."""
    run = asyncio.run(_run(settings, name, options))
    if name == "generate_cleanup_report":
        show_report(msgspec.convert(run.details, MaintenanceReport))
    else:
        show_run(run)


async def _run(settings: Settings, name: str, options: Options) -> Run:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, transient=True) as progress:
        bar = progress.add_task(name, total=100)

        async def report(per_cent: int, message: str) -> None:
            progress.update(bar, completed=per_cent, description=message)

        try:
            async with make_pool(msgspec.structs.replace(settings, pool_min=1)) as pool:
                return await run_now(pool, Objects(settings), name, options, report, wait_for_lock=timedelta(seconds=1))
        except psycopg.Error as error:
            raise translated(error) or error from error


def show(settings: Settings) -> None:
    """Prints how long data are kept, and how much is older."""

    async def read(connection: Connection) -> None:
        show_retention(await store.list_retention(connection))

    run_once(settings.database_url, read)


def change(settings: Settings, name: str, days: int) -> None:
    """Changes how many days something is kept, as the database's owner. Raises Invalid, NotAllowed."""

    async def set_days(connection: Connection) -> None:
        before = await store.read_retention(connection, name)
        await store.set_retention(connection, name, days)
        print(f"{name} is kept for {days} days")
        if days < before and name in (task := _tasks()):
            command = f"koodtx maintenance {task[name]} --confirm"
            print(f"The next run removes more than usual and must be confirmed: {command}")

    try:
        run_once(settings.migration_database_url or settings.database_url, set_days)
    except psycopg.errors.CheckViolation as error:
        raise Invalid(f"days must be between 1 and 36500, got {days}") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise NotAllowed("only the database owner may change this: set KOODTX_MIGRATION_DATABASE_URL") from error


def _tasks() -> dict[str, str]:
    """The task that uses each setting."""
    return {cleanup.setting: name for name, cleanup in CLEANUPS.items() if cleanup.setting is not None}
