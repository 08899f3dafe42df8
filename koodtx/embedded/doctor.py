"""`koodtx doctor`: what is wrong on this machine, and how to mend it."""

import os
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from koodtx.embedded import checks
from koodtx.embedded.checks import Check
from koodtx.embedded.database_checks import check_database
from koodtx.settings import read_env_file

_PORT = 5000


def run_doctor(data_dir: Path, port: int = _PORT) -> int:
    """Print a table of all checks; 1 when anything is wrong, else 0.

    Looks at the database and the Redis of the environment and of .env, or else of the `koodtx up` that is running.
    """
    given = {**read_env_file(Path(".env")), **os.environ}
    running = {} if given.get("KOODTX_DATABASE_URL") else read_env_file(data_dir / "env")
    found = run_checks(given, running, data_dir.resolve(), port)
    _print(found)
    return 1 if any(check.mend for check in found) else 0


def run_checks(given: Mapping[str, str], running: Mapping[str, str], data_dir: Path, port: int) -> list[Check]:
    """All checks, in the order in which a person would mend what is wrong.

    `given` are the settings of this process, `running` those of a `koodtx up` that it may look into.
    """
    of_settings, settings = checks.check_settings({**given, **running})
    found = [
        checks.check_python(),
        checks.check_time_zones(),
        checks.check_clock(),
        checks.check_disk(data_dir),
        checks.check_port(data_dir, port),
        checks.check_postgres_choice(given, data_dir),
        checks.check_redis_choice(given),
        of_settings,
    ]
    if settings is not None:
        found += [*check_database(settings), checks.check_redis(settings)]
    return found


def _print(found: list[Check]) -> None:
    console = Console(highlight=False)
    table = Table("", "", "", box=None, show_header=False, padding=(0, 2, 0, 0))
    for check in found:
        mark = Text("wrong", style="bold red") if check.mend else Text("ok", style="green")
        shown = Text(check.found)
        if check.mend:
            shown.append(f"\n{check.mend}", style="bold")
        table.add_row(mark, Text(check.subject), shown)
    console.print(table)
    wrong = sum(bool(check.mend) for check in found)
    console.print("All is well." if not wrong else f"{wrong} to mend.")
