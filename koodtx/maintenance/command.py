"""`koodtx maintenance TASK`, `koodtx retention show | set`"""

import asyncio
from datetime import timedelta

import msgspec
import psycopg
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from koodtx.database.command_connection import run_once
from koodtx.database.pool import make_pool
from koodtx.database.query import Connection, translated
from koodtx.errors import Invalid, NotAllowed
from koodtx.maintenance import store
from koodtx.maintenance.messages import MaintenanceReport, Run
from koodtx.maintenance.run import Options
from koodtx.maintenance.tasks import CLEANUPS, run_now
from koodtx.maintenance.terminal import show_report, show_retention, show_run
from koodtx.settings import Settings


def run_task(settings: Settings, name: str, options: Options) -> None:
    """Runs a task here and now, with a progress bar. Raises TaskBusy, ConfirmationNeeded, Invalid."""
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
                return await run_now(pool, name, options, report, wait_for_lock=timedelta(seconds=1))
        except psycopg.Error as error:
            raise translated(error) or error from error


def show(settings: Settings) -> None:
    """How long things are kept, and what is older."""

    async def read(connection: Connection) -> None:
        show_retention(await store.list_retention(connection))

    run_once(settings.database_url, read)


def change(settings: Settings, name: str, days: int) -> None:
    """Keeps something for so many days from now on. As the database's owner. Raises Invalid, NotAllowed."""

    async def set_days(connection: Connection) -> None:
        before = await store.read_retention(connection, name)
        await store.set_retention(connection, name, days)
        print(f"{name} is kept for {days} days")
        if days < before and name in (task := _tasks()):
            print(f"more goes than is usual, which is to be confirmed once: koodtx maintenance {task[name]} --confirm")

    try:
        run_once(settings.migration_database_url or settings.database_url, set_days)
    except psycopg.errors.CheckViolation as error:
        raise Invalid("days lie between 1 and 36500") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise NotAllowed("only the database's owner may: set KOODTX_MIGRATION_DATABASE_URL") from error


def _tasks() -> dict[str, str]:
    """The task that goes by each setting."""
    return {cleanup.setting: name for name, cleanup in CLEANUPS.items() if cleanup.setting is not None}
