"""`koodtx doctor`: what is wrong on this machine, and how to fix it."""

import os
from collections.abc import Mapping
from pathlib import Path

import rich_click as click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from koodtx.command_line import DEFAULT_PORT, data_dir_option, given_data_dir
from koodtx.doctor import machine
from koodtx.doctor.check import Check
from koodtx.doctor.database import check_database
from koodtx.settings import read_env_file


@click.command
@data_dir_option
def doctor() -> None:
    """Shows what is wrong on this machine, and how to fix it."""
    raise SystemExit(run_doctor(given_data_dir()))


def run_doctor(data_dir: Path, port: int = DEFAULT_PORT) -> int:
    """Prints a table of all checks; returns 1 if anything is wrong, else 0.

    Checks the database and the Redis of the environment and of .env, or else those of a running `koodtx up`.
    """
    given = {**read_env_file(Path(".env")), **os.environ}
    running = {} if given.get("KOODTX_DATABASE_URL") else read_env_file(data_dir / "env")
    found = run_checks(given, running, data_dir.resolve(), port)
    _print(found)
    return 1 if any(check.advice for check in found) else 0


def run_checks(given: Mapping[str, str], running: Mapping[str, str], data_dir: Path, port: int) -> list[Check]:
    """All checks, in the order in which problems should be fixed.

    `given` are the settings of this process, `running` those of a running `koodtx up`.
    """
    settings_check, settings = machine.check_settings({**given, **running})
    found = [
        machine.check_python(),
        machine.check_time_zones(),
        machine.check_clock(),
        machine.check_disk(data_dir),
        machine.check_port(data_dir, port),
        machine.check_postgres_choice(given, data_dir),
        machine.check_redis_choice(given),
        settings_check,
    ]
    if settings is not None:
        found += [*check_database(settings), machine.check_redis(settings)]
    return found


def _print(found: list[Check]) -> None:
    console = Console(highlight=False)
    table = Table("", "", "", box=None, show_header=False, padding=(0, 2, 0, 0))
    for check in found:
        mark = Text("wrong", style="bold red") if check.advice else Text("ok", style="green")
        shown = Text(check.found)
        if check.advice:
            shown.append(f"\n{check.advice}", style="bold")
        table.add_row(mark, Text(check.subject), shown)
    console.print(table)
    wrong = sum(bool(check.advice) for check in found)
    console.print("All is well." if not wrong else f"{wrong} problem(s) found.")
