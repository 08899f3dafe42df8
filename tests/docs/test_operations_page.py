"""docs/operations.md: its commands are pasted, its SQL is run, its numbers are those of the database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from koodtx.maintenance.tasks import CLEANUPS
from koodtx.settings import Settings
from tests.docs.pages import blocks, read, rows
from tests.support.aliases import Db
from tests.support.processes import environment

pytestmark = pytest.mark.integration

_PAGE = "docs/operations.md"


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Where `koodtx` is found, as a shell finds it."""
    command = tmp_path / "koodtx"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m koodtx "$@"\n')
    command.chmod(0o755)
    return f"{tmp_path}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.long
def test_every_command_works_as_written(settings: Settings, path: str) -> None:
    script = "".join(text for language, text in blocks(read(_PAGE)) if language == "sh")
    assert script.count("koodtx ") >= 9

    shell = subprocess.run(
        ["bash", "-eu"],
        input=script,
        env=environment(settings) | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert (shell.returncode, shell.stderr) == (0, "")


def test_every_statement_changes_what_it_names(db: Db) -> None:
    (text,) = (text for language, text in blocks(read(_PAGE)) if language == "sql")
    for statement in text.strip().splitlines():
        assert db.execute(statement.encode()).rowcount == 1


def test_defaults_are_those_of_the_database(db: Db) -> None:
    documented = {name.strip("`"): days for name, days, *_ in rows(read(_PAGE)) if days.endswith(" days")}

    assert documented == {name: f"{days} days" for name, days in db.execute("select name, days from app.retention")}


def test_every_task_is_listed_with_its_time(db: Db) -> None:
    known = {*CLEANUPS, "erase_deleted_sessions", "store_rollups", "recommend_daily"}
    documented = {name.strip("`"): when for name, _, when in rows(read(_PAGE)) if name.strip("`") in known}
    days = {"daily": "daily", "weekly": "Sunday"}
    made = db.execute("select task, frequency, to_char(make_time(hour, minute, 0), 'HH24:MI') from app.schedules")
    times = {task: f"{days[frequency]} {time}" if frequency in days else frequency for task, frequency, time in made}

    assert set(documented) == known
    assert documented.pop("generate_cleanup_report") == "on request"
    # TimescaleDB Community has jobs of its own for these.
    assert documented == {"enforce_ceiling": "daily 03:00", "store_rollups": "hourly"} | times
